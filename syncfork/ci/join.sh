set -euo pipefail
out="$RUNNER_TEMP/report"
mkdir -p "$out"
code=0
syncfork fleet report "$out" --fleet "$FLEET" --output "markdown:$out/fleet.md" --output "html:$out/fleet.html" \
  --output "json:$RUNNER_TEMP/fleet.json" || code=$?
echo "code=$code" >> "$GITHUB_OUTPUT"
if [ -s "$out/fleet.md" ]; then head -c 1000000 "$out/fleet.md" >> "$GITHUB_STEP_SUMMARY"; fi
