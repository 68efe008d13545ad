# The history is an artifact of this workflow's own runs. Reading it takes `actions: read`, keeping it takes
# nothing: a branch would need leave to write to the repository, and a cache is dropped after a week of silence.
# Only runs that the schedule or a person started count, so no pull request can slip in a history of its own.
set -euo pipefail
folder="$RUNNER_TEMP/history"
mkdir -p "$folder"
workflow="${GITHUB_WORKFLOW_REF%@*}"
workflow="${workflow##*/}"
runs=''
for event in schedule workflow_dispatch; do
  if ! found="$(gh run list --repo "$GITHUB_REPOSITORY" --workflow "$workflow" --branch "$GITHUB_REF_NAME" \
    --event "$event" --limit 30 --json databaseId --jq '.[].databaseId')"; then
    echo '::warning::The history of earlier runs could not be read. This run shows no trend and adds nothing to it.'
    echo 'keep=no' >> "$GITHUB_OUTPUT"
    exit 0
  fi
  runs+="$found"$'\n'
done
for run in $(sort -rn <<< "$runs"); do
  if gh run download "$run" --repo "$GITHUB_REPOSITORY" --name "$HISTORY" --dir "$folder" 2> /dev/null; then
    echo "The history goes on from run $run."
    break
  fi
done
echo 'keep=yes' >> "$GITHUB_OUTPUT"
