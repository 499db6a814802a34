# Filters of jq that jaq's library does not bring, or has do something else.
def length: if isnumber then abs else length_ end;
def delpaths($paths): delete_paths($paths);
def del(f): delete_paths([path(f)]);
def join($s): reduce .[] as $x (null;
  (if . == null then "" else . + $s end) + ($x | if . == null then "" elif . < "" then tojson else . end)) // "";
def from_entries: reduce .[] as $x ({}; . + {
  ($x | if .key == null then .k // .name // .Name // .K // .Key else .key end | if isstring then . else tojson end):
  ($x | if has("value") then .value elif has("v") then .v else .Value end) });
def with_entries(f): to_entries | map(f) | from_entries;
def scan($re; $flags): match($re; "g" + $flags) | if .captures == [] then .string else [.captures[].string] end;
def scan($re): scan($re; "");
def toarray: if isarray then . else [.] end;
def trimstr($s): ltrimstr($s) | rtrimstr($s);
def ascii: [.] | implode;
def isvalid(f): try (f | true) catch false;
def leaf_paths: paths(scalars);
def recurse_down: recurse;
def have_literal_numbers: true;
def have_decnum: false;
def IN(s): any(s == .; .);
def IN(source; s): any(source == s; .);
def INDEX(stream; f): reduce stream as $row ({}; .[$row | f | tostring] |= $row);
def INDEX(f): INDEX(.[]; f);
def tostream: path(def r: (.[]?|r), .; r) as $p | getpath($p) | reduce path(.[]?) as $q ([$p, .]; [$p + $q]);
def date: todate;
def dateadd(u; n): . + n;
def datesub(u; n): . - n;
def @csv:
  def cell: if isstring then "\"" + (. / "\"" | join("\"\"")) + "\"" elif . == null then "" elif . < "" then tojson
    else error("\(type) (\(tojson)) is not valid in a csv row") end;
  if isarray then map(cell) | join(",") else error("\(type) (\(tojson)) cannot be csv-formatted, only an array can be") end;
def @tsv:
  def cell: if isstring then . / "\\" | join("\\\\") | . / "\t" | join("\\t") | . / "\n" | join("\\n") | . / "\r" | join("\\r")
    elif . == null then "" elif . < "" then tojson else error("\(type) (\(tojson)) is not valid in a tsv row") end;
  if isarray then map(cell) | join("\t") else error("\(type) (\(tojson)) cannot be tsv-formatted, only an array can be") end;
