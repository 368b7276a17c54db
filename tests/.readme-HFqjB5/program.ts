import { check } from 'enhanced-csp';

const report = check(`
  channel coin, coffee
  MACHINE = coin -> coffee -> MACHINE
  BROKEN  = coin -> (coffee -> BROKEN |~| STOP)
  assert MACHINE :[deadlock free [F]]
  assert MACHINE [F= BROKEN
`);
console.log(report.assertions.map((a) => a.verdict).join(', ')); // holds, fails
console.log(report.assertions[1]?.counterexample?.trace.join(', ')); // coin
