/**
 * CPU time from the text of about a megabyte of CSPM to its types, once, in a process of its own; prints JSON.
 *
 *   node bench/check-parse.ts
 *
 * The script is of ordinary shape: sections of a protocol each, with data types, channels, functions over sequences and sets, processes with prefixes, choices, guards,
 * parallel compositions, hiding and renaming, comments, and assertions; no two sections have the same names or sizes.
 */
import { parse } from '../engine/src/cspm/parser.ts';
import { checkTypes } from '../engine/src/cspm/types/index.ts';

const CHARACTERS = 1_000_000;

const sections: ((n: number) => string)[] = [
  (n) => `
-- Clients of service ${n} ask and wait; an answer that comes too late is thrown away.
datatype Answer${n} = ok${n}.{0..${2 + (n % 7)}} | busy${n} | gone${n}
Clients${n} = {0..${1 + (n % 5)}}
channel ask${n} : Clients${n}.{0..${2 + (n % 7)}}
channel answer${n} : Clients${n}.Answer${n}
channel late${n} : Clients${n}

CLIENT${n}(i, tries) =
  if tries == 0 then STOP
  else ask${n}.i?x -> (answer${n}.i?a -> AFTER${n}(i, tries, a) [> late${n}.i -> CLIENT${n}(i, tries - 1))
AFTER${n}(i, tries, ok${n}.x) = x > ${n % 3} & CLIENT${n}(i, tries) [] x <= ${n % 3} & SKIP
AFTER${n}(i, tries, _) = CLIENT${n}(i, tries - 1)

SERVER${n}(queue) =
  #queue < ${2 + (n % 3)} & ask${n}?i?x -> SERVER${n}(queue ^ <(i, x)>)
  [] not null(queue) & (let (i, x) = head(queue) within
       answer${n}.i!(if x % 2 == 0 then ok${n}.x else busy${n}) -> SERVER${n}(tail(queue)))
SYSTEM${n} = (||| i : Clients${n} @ CLIENT${n}(i, ${1 + (n % 4)})) [| {| ask${n}, answer${n} |} |] SERVER${n}(<>)
assert SYSTEM${n} :[divergence free]
assert SYSTEM${n} \\ {| late${n} |} :[deadlock free [F]]
`,
  (n) => `
{- A ring of ${3 + (n % 9)} stations, with a token that carries the best bid seen. -}
Size${n} = ${3 + (n % 9)}
Bids${n} = {${n % 4}..${4 + (n % 6)}}
channel token${n} : {0..Size${n} - 1}.Bids${n}
channel bid${n}, won${n} : {0..Size${n} - 1}.Bids${n}
max${n}(x, y) = if x < y then y else x
best${n}(<>) = ${n % 4}
best${n}(<x> ^ rest) = max${n}(x, best${n}(rest))
next${n}(i) = (i + 1) % Size${n}
STATION${n}(i, mine) =
  token${n}.i?b -> (b >= mine & token${n}.next${n}(i)!b -> STATION${n}(i, mine)
                 [] b < mine & bid${n}.i!mine -> token${n}.next${n}(i)!best${n}(<b, mine>) -> STATION${n}(i, mine))
  [] won${n}.i?_ -> SKIP
ALPHA${n}(i) = union({| token${n}.i, token${n}.next${n}(i) |}, {| bid${n}.i, won${n}.i |})
RING${n} = || i : {0..Size${n} - 1} @ [ALPHA${n}(i)] STATION${n}(i, i % ${2 + (n % 3)} + ${n % 4})
SEEN${n} = {(i, b) | i <- {0..Size${n} - 1}, b <- Bids${n}, (i + b) % 2 == 0}
OBSERVER${n} = |~| (i, b) : SEEN${n} @ bid${n}.i.b -> OBSERVER${n}
assert OBSERVER${n} [T= RING${n} \\ {| token${n}, won${n} |}
`,
  (n) => `
-- A register with a log of what was written, behind a renaming.
nametype Value${n} = {0..${1 + (n % 4)}}
datatype Act${n} = Read${n} | Write${n}.Value${n} | Undo${n}
channel do${n} : Act${n}
channel show${n} : Value${n}
channel left${n}, right${n} : Value${n}
REGISTER${n}(v, log) =
  let
    undo(<>) = (v, <>)
    undo(<w> ^ older) = (w, older)
    (back, older) = undo(log)
  within
    do${n}!Read${n} -> show${n}!v -> REGISTER${n}(v, log)
    [] do${n}.Write${n}?w -> (if length(log) < ${1 + (n % 3)} then REGISTER${n}(w, <v> ^ log) else REGISTER${n}(w, <v>))
    [] do${n}.Undo${n} -> REGISTER${n}(back, older)
COPY${n} = left${n}?x -> right${n}!x -> COPY${n}
TWICE${n} = COPY${n}[[ right${n} <- show${n} ]] [| {| show${n} |} |] REGISTER${n}(0, <>)
WATCHED${n} = TWICE${n} /\\ (do${n}.Undo${n} -> SKIP); COPY${n}
sums${n} = < x + y | x <- <0..${n % 5}>, y <- <1, ${n % 7}>, x != y >
assert not WATCHED${n} :[deterministic [FD]]
`,
];

let text = '';
for (let n = 0; text.length < CHARACTERS; n++) text += sections[n % sections.length]!(n);

const before = process.cpuUsage();
const { script, diagnostics } = parse(text, { file: 'bench.csp' });
const parsed = process.cpuUsage(before);
const { diagnostics: ofTypes } = checkTypes(script);
const { user, system } = process.cpuUsage(before);
const [wrong] = [...diagnostics, ...ofTypes];
if (wrong !== undefined) throw new Error(`the bench script is wrong: ${wrong.span.line}: ${wrong.message}`);
console.log(
  JSON.stringify({
    milliseconds: (user + system) / 1000,
    parsing: (parsed.user + parsed.system) / 1000,
    characters: text.length,
  }),
);
