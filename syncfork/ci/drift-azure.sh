set -euo pipefail
out="$AGENT_TEMPDIRECTORY/report"
mkdir -p "$out" "$AGENT_TEMPDIRECTORY/history"
touch "$AGENT_TEMPDIRECTORY/history/history.jsonl"
fetch=()
# Without an address upstream is a branch of the fork's own, which was checked out with all its branches.
if [ -n "$UPSTREAM_URL" ]; then
  # An agent that is not thrown away still has the remote of the last run.
  git remote remove "$UPSTREAM_REMOTE" 2> /dev/null || true
  git remote add -- "$UPSTREAM_REMOTE" "$UPSTREAM_URL"
  fetch=(--fetch)
fi
code=0
syncfork drift "${fetch[@]}" --history "$AGENT_TEMPDIRECTORY/history/history.jsonl" --format azure \
  --output "markdown:$out/report.md" --output "html:$out/report.html" --output "json:$out/report.json" \
  --output "sarif:$out/report.sarif" --output "badge:$out/badge.json" 2> "$out/errors.txt" || code=$?
# No line of it is a command to the agent.
sed 's/##/# #/g; s/^/| /' "$out/errors.txt"
if [ -s "$out/report.md" ]; then echo "##vso[task.uploadsummary]$out/report.md"; fi
echo "##vso[task.setvariable variable=code]$code"
