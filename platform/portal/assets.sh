#!/bin/sh
# Copies what the pages use of the npm packages into platform/portal/assets, from where it is embedded.
# Tabler stays at 1.4: later versions need light-dark() and oklch(), which phones of 2022 do not know.
set -eu
cd "$(dirname "$0")/../.."
to=platform/portal/assets
from=node_modules
[ -d "$from/@tabler/core" ] || { echo "the npm packages are missing: run 'npm ci' first" >&2; exit 1; }

cp "$from/@tabler/core/dist/css/tabler.min.css" "$to/tabler.min.css"
# The style sheet's map is not shipped, so its last line would only cause a failed request.
sed -i.bak 's|/\*# sourceMappingURL=[^*]*\*/||' "$to/tabler.min.css" && rm -f "$to/tabler.min.css.bak"
cp "$from/htmx.org/dist/htmx.min.js" "$to/htmx.min.js"
cp "$from/echarts/dist/echarts.min.js" "$to/echarts.min.js"

# One sprite of the icons that the pages name: <use href="/assets/icons.svg#NAME">.
names=$(cat platform/portal/icons.txt)
{
  printf '<svg xmlns="http://www.w3.org/2000/svg">\n'
  for name in $names; do
    file="$from/@tabler/icons/icons/outline/$name.svg"
    [ -f "$file" ] || { echo "no such icon: $name (platform/portal/icons.txt)" >&2; exit 1; }
    printf '<symbol id="%s" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">' "$name"
    sed -n 's|^ *\(<[a-z]* .*/>\)$|\1|p' "$file" | grep -v 'stroke="none"'
    printf '</symbol>\n'
  done
  printf '</svg>\n'
} >"$to/icons.svg"
{
  for package in @tabler/core @tabler/icons echarts zrender tslib htmx.org; do
    printf '== %s\n' "$package"
    cat "$from/$package"/LICENSE* "$from/$package"/COPYRIGHT* 2>/dev/null || printf 'license: see package.json of %s\n' "$package"
  done
} >"$to/licences.txt"
