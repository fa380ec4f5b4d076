/** The report's stylesheet: one column of calm type, light or dark as the reader has it, light on paper. */

import { fontFamily, paletteOf, type Theme } from "../figures/index.ts";

function variables(theme: Theme): string {
  const { surface, ink, muted, grid, right, validation } = paletteOf(theme);
  return `--surface:${surface};--ink:${ink};--muted:${muted};--line:${grid};--panel:${right[0]};--accent:${validation};`;
}

/** CSS text for the report's one `<style>` element. */
export function stylesheet(): string {
  return `
:root{color-scheme:light dark;${variables("light")}}
.dark{display:none}
@media screen and (prefers-color-scheme:dark){:root{${variables("dark")}}.dark{display:block}.light{display:none}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--surface);color:var(--ink);font:15px/1.55 ${fontFamily}}
main,header,footer{max-width:60rem;margin:0 auto;padding:0 1.5rem}
header{display:grid;grid-template-columns:1fr auto;gap:1.5rem 3rem;align-items:end;padding-top:3.5rem;padding-bottom:1.75rem}
.eyebrow{margin:0 0 .4rem;color:var(--muted);font-size:.8rem;letter-spacing:.08em;text-transform:uppercase}
h1{margin:0;font-size:2.4rem;line-height:1.1;letter-spacing:-.02em;font-weight:680;overflow-wrap:anywhere}
.lede{margin:.9rem 0 0;max-width:36rem;color:var(--muted);font-size:1.02rem}
.headline{text-align:right}
.headline strong{display:block;font-size:3.6rem;line-height:1;letter-spacing:-.035em;font-weight:680;color:var(--accent);font-variant-numeric:tabular-nums;white-space:nowrap}
.headline span{display:block;font-size:.85rem;color:var(--muted)}
.headline .what{margin-bottom:.45rem;color:var(--ink);font-weight:600}
.headline .interval{margin-top:.5rem}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(6.75rem,1fr));gap:1rem;margin:0;padding:1.1rem 0;border:solid var(--line);border-width:1px 0}
.facts dt{color:var(--muted);font-size:.8rem}
.facts dd{margin:.1rem 0 0;font-weight:600;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
section{margin:2.75rem 0;break-inside:auto}
h2{margin:0 0 .9rem;font-size:1.25rem;letter-spacing:-.01em;font-weight:650;break-after:avoid}
h3{margin:1.5rem 0 .5rem;font-size:.95rem;font-weight:650;break-after:avoid}
p{margin:.5rem 0}
.note{color:var(--muted);font-size:.88rem}
figure{margin:0 0 1.25rem;break-inside:avoid}
figure svg{display:block;max-width:100%;height:auto;margin-left:-8px}
figcaption{margin-top:.5rem;max-width:44rem;color:var(--muted);font-size:.88rem}
.table{overflow-x:auto;margin:.5rem 0 1rem}
table{border-collapse:collapse;min-width:22rem;font-size:.9rem}
caption{text-align:left;color:var(--muted);font-size:.8rem;padding-bottom:.35rem}
th,td{padding:.34rem 1.6rem .34rem 0;text-align:left;border-bottom:1px solid var(--line);vertical-align:top}
th:last-child,td:last-child{padding-right:0}
thead th{color:var(--muted);font-weight:500;font-size:.8rem}
tbody th{font-weight:500}
tfoot th,tfoot td{border-bottom:0;font-weight:650}
tr{break-inside:avoid}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
pre{margin:.5rem 0 1rem;padding:.9rem 1rem;background:var(--panel);border-radius:6px;font:.82rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre-wrap;overflow-wrap:anywhere}
details{margin:.75rem 0}
summary{cursor:pointer;color:var(--muted);font-size:.88rem}
.mistakes{display:grid;grid-template-columns:repeat(auto-fill,minmax(9.5rem,1fr));gap:1.25rem;padding:0;margin:.75rem 0;list-style:none}
.mistakes li{break-inside:avoid;font-size:.85rem}
.mistakes img{display:block;width:5.5rem;height:auto;margin-bottom:.4rem;border:1px solid var(--line);image-rendering:pixelated}
.mistakes b{display:block}
.mistakes span{display:block;color:var(--muted)}
.beside{display:flex;flex-wrap:wrap;align-items:flex-start;gap:0 3rem}
.beside figcaption{max-width:26rem}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(20rem,1fr));gap:0 3rem}
footer{padding-top:1rem;padding-bottom:3rem;color:var(--muted);font-size:.82rem}
@media (max-width:44rem){header{grid-template-columns:1fr;padding-top:2rem}.headline{text-align:left}h1{font-size:1.9rem}.columns{grid-template-columns:1fr}}
@media print{@page{margin:16mm}body{font-size:10.5pt}main,header,footer{max-width:none;padding-left:0;padding-right:0}header{padding-top:0}section{margin:1.6rem 0}}
`;
}
