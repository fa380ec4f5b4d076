#!/usr/bin/env bash
# Compiles the LaTeX pages of docs/explain (or those given) and draws each page as a PNG.
#
#   scripts/compile-latex.sh [OUT] [FILE.tex ...]     OUT: folder for the PDFs and PNGs, default a temporary one
#
# Needs xelatex, booktabs and the Fandol fonts; installs them with apt where apt and root are at hand.
set -euo pipefail

root="$(cd "$(dirname "$0")/.." && pwd)"
out="${1:-$(mktemp -d)}"
shift || true
mkdir -p "$out"

if ! command -v xelatex >/dev/null || ! command -v pdftoppm >/dev/null; then
  if ! command -v apt-get >/dev/null; then
    echo "compile-latex: needs xelatex and pdftoppm; install TeX Live (xetex, latex-recommended, lang-chinese) and poppler-utils." >&2
    exit 1
  fi
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    texlive-xetex texlive-latex-recommended texlive-fonts-recommended texlive-lang-chinese \
    lmodern poppler-utils >/dev/null
fi

files=("$@")
if [ ${#files[@]} -eq 0 ]; then files=("$root"/docs/explain/*.tex); fi

for file in "${files[@]}"; do
  name="$(basename "$file" .tex)"
  # Twice, so that column widths and references settle.
  for _ in 1 2; do
    if ! xelatex -interaction=nonstopmode -halt-on-error -output-directory "$out" "$file" >"$out/$name.out"; then
      tail -n 30 "$out/$name.out" >&2
      echo "compile-latex: $file does not compile; the lines above say where." >&2
      exit 1
    fi
  done
  if grep -E '^(Overfull|Underfull) \\hbox' "$out/$name.log" | grep -E 'Overfull' ; then
    echo "compile-latex: $file compiles, but has lines that are too wide (above)." >&2
  fi
  pdftoppm -r 80 -png "$out/$name.pdf" "$out/$name"
  echo "$out/$name.pdf"
done
