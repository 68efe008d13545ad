set -euo pipefail
repo=(--repo "$GITHUB_REPOSITORY")
run="$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID"
report="$RUNNER_TEMP/report/$REPORT"
errors="$RUNNER_TEMP/report/errors.txt"
marker='<!-- syncfork: the one tracking issue -->'
below='<!-- syncfork: report -->'
label='syncfork'
last="$RUNNER_TEMP/last.md"
body="$RUNNER_TEMP/body.md"

# The issue is known by its label and the marker in its text, never by its title.
number=''
state=''
: > "$last"
labelled="$(gh issue list "${repo[@]}" --label "$label" --state all --limit 100 --json number --jq '.[].number')"
for each in $(sort -n <<< "$labelled"); do
  gh issue view "$each" "${repo[@]}" --json body --jq .body | tr -d '\r' > "$RUNNER_TEMP/each.md"
  if grep -qxF -- "$marker" "$RUNNER_TEMP/each.md"; then
    number="$each"
    state="$(gh issue view "$each" "${repo[@]}" --json state --jq .state)"
    mv "$RUNNER_TEMP/each.md" "$last"
    break
  fi
done

case "$CODE" in
  0) verdict='Nothing is left for a person.' ;;
  1) verdict='Something needs a person.' ;;
  *) verdict='**The last run was inconclusive: it proves nothing, good or bad.**' ;;
esac
{
  echo "$marker"
  echo "$verdict [Run]($run) of $(date -u +%Y-%m-%d)."
  echo 'The workflow keeps this one issue up to date: it closes it when nothing is left, and opens it again.'
  # An issue holds 65,536 characters.
  if [ -s "$report" ] && [ "$(wc -c < "$report")" -gt 55000 ]; then
    echo 'The report is cut here; the whole of it is among the artifacts of the run.'
  fi
  if [ ! -s "$report" ]; then
    echo 'It made no report. What stands below is the last one that could be made, if there is any.'
    echo
    if [ -s "$errors" ]; then tail -n 12 "$errors" | cut -c 1-300 | sed 's/^/    /'; fi
  fi
  echo
  echo "$below"
  if [ -s "$report" ]; then
    if [ "$(wc -c < "$report")" -gt 55000 ]; then
      # The last line may end in half a character.
      head -c 55000 "$report" | sed '$d'
    else
      cat "$report"
    fi
  else
    sed "1,/^$below\$/d" "$last"
  fi
} > "$body"

if [ -n "$number" ]; then
  gh issue edit "$number" "${repo[@]}" --body-file "$body"
  if [ "$CODE" = 0 ] && [ "$state" = OPEN ]; then
    gh issue close "$number" "${repo[@]}" --reason completed --comment "Nothing is left for a person: $run"
  elif [ "$CODE" = 1 ] && [ "$state" = CLOSED ]; then
    gh issue reopen "$number" "${repo[@]}" --comment "Something needs a person: $run"
  fi
elif [ "$CODE" = 1 ]; then
  # It fails where the label is there already.
  gh label create "$label" "${repo[@]}" --description 'The tracking issue that syncfork keeps' || true
  gh issue create "${repo[@]}" --label "$label" --title 'Sync with upstream' --body-file "$body"
fi
