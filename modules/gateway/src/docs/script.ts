/** What the page of the API does in a browser: finds, opens what the address names, sends a form and shows the answer. */
export const SCRIPT = `'use strict';
const operations = [...document.querySelectorAll('details.operation')];

document.getElementById('find').addEventListener('input', ({ target }) => {
  const words = target.value.toLowerCase().split(/\\s+/);
  for (const one of operations) {
    const text = one.id.toLowerCase() + ' ' + one.querySelector('summary').textContent.toLowerCase();
    one.hidden = !words.every((word) => text.includes(word));
  }
  for (const group of document.querySelectorAll('.group')) group.hidden = !group.querySelector('details.operation:not([hidden])');
});

function openNamed() {
  const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (named instanceof HTMLDetailsElement) named.open = true;
}
addEventListener('hashchange', openNamed);
openNamed();

for (const choice of document.querySelectorAll('select.examples'))
  choice.addEventListener('change', () => { choice.form.elements.body.value = choice.value; });

function quoted(text) { return "'" + text.replaceAll("'", "'\\\\''") + "'"; }

async function send(form) {
  const { method, path } = form.dataset;
  const headers = {};
  const query = new URLSearchParams();
  let url = path;
  for (const field of form.querySelectorAll('[data-in]')) {
    if (field.value === '') continue;
    if (field.dataset.in === 'path') url = url.replace('{' + field.name + '}', encodeURIComponent(field.value));
    else if (field.dataset.in === 'query') query.append(field.name, field.value);
    else headers[field.name] = field.value;
  }
  if (query.size > 0) url += '?' + query;
  const body = form.elements.body?.value;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  const answer = form.querySelector('.answer');
  answer.hidden = false;
  const told = Object.entries(headers).map(([name, value]) => ' -H ' + quoted(name + ': ' + value)).join('');
  answer.querySelector('.request').textContent =
    'curl -X ' + method + ' ' + quoted(location.origin + url) + told + (body === undefined ? '' : ' -d ' + quoted(body));
  const [status, shown] = [answer.querySelector('.status'), answer.querySelector('.response')];
  status.textContent = 'Sent; waiting for the answer.';
  shown.textContent = '';
  try {
    const begun = performance.now();
    const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) });
    const text = await response.text();
    status.textContent = response.status + ' ' + response.statusText + ', ' + Math.round(performance.now() - begun) + ' ms';
    status.className = 'status ' + (response.ok ? 'good' : 'bad');
    try { shown.textContent = JSON.stringify(JSON.parse(text), null, 2); } catch { shown.textContent = text; }
  } catch (fault) {
    status.textContent = 'The server did not answer: ' + fault.message;
    status.className = 'status bad';
  }
}

for (const form of document.forms)
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void send(form);
  });
`;
