set -euo pipefail
echo "matrix=$(syncfork fleet "$FLEET" --format github)" >> "$GITHUB_OUTPUT"
