set -euo pipefail
out="$RUNNER_TEMP/report"
mkdir -p "$out" "$RUNNER_TEMP/history"
fetch=()
# Without an address upstream is a branch of the fork's own, which was checked out with all its branches.
if [ -n "$UPSTREAM_URL" ]; then
  # A runner that is not thrown away still has the remote of the last run.
  git remote remove "$UPSTREAM_REMOTE" 2> /dev/null || true
  git remote add -- "$UPSTREAM_REMOTE" "$UPSTREAM_URL"
  fetch=(--fetch)
fi
code=0
syncfork drift "${fetch[@]}" --history "$RUNNER_TEMP/history/history.jsonl" --format github \
  --output "markdown:$out/report.md" --output "html:$out/report.html" --output "json:$out/report.json" \
  --output "sarif:$out/report.sarif" --output "badge:$out/badge.json" 2> "$out/errors.txt" || code=$?
echo "code=$code" >> "$GITHUB_OUTPUT"
# With a mark in front no line of it is a command to the runner.
sed 's/^/| /' "$out/errors.txt"
if [ -s "$out/report.md" ]; then
  head -c 1000000 "$out/report.md" >> "$GITHUB_STEP_SUMMARY"
else
  { echo '## syncfork could not tell'; echo; sed 's/^/    /' "$out/errors.txt"; } >> "$GITHUB_STEP_SUMMARY"
fi
