# What fails here is no end: the job that joins the reports tells it, with the words of errors.txt.
set -euo pipefail
out="$RUNNER_TEMP/report"
fork="$RUNNER_TEMP/fork.git"
mkdir -p "$out" "$RUNNER_TEMP/history"
rm -rf -- "$fork"
arguments=()
if [ -n "$REVISION" ]; then arguments+=("$REVISION"); fi
for pack in $PACKS; do arguments+=(--pack "$pack"); done
code=0
{
  git clone --quiet --bare -- "$FORK_URL" "$fork" \
    && git -C "$fork" remote add -- "$UPSTREAM_REMOTE" "$UPSTREAM_URL" \
    && syncfork -C "$fork" drift "${arguments[@]}" --fetch --history "$RUNNER_TEMP/history/history.jsonl" \
      --output "markdown:$out/$NAME.md" --output "html:$out/$NAME.html" --output "json:$out/$NAME.json"
} 2> "$out/$NAME.errors.txt" || code=$?
echo "code=$code" >> "$GITHUB_OUTPUT"
# With a mark in front no line of it is a command to the runner.
sed 's/^/| /' "$out/$NAME.errors.txt"
