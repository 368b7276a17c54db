/**
 * For the browser: a panel whose topic tells something is rendered anew, at most once a second. It talks to the server the page came from, and to no
 * other; what it inserts was escaped there.
 */
export const PANELS_SCRIPT = `
const panels = [...document.querySelectorAll('[data-topic]')];
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function connect() {
  const socket = new WebSocket(location.origin.replace(/^http/, 'ws') + '/ws');
  socket.onopen = () =>
    socket.send(JSON.stringify({ action: 'subscribe', channels: [...new Set(panels.map((panel) => panel.dataset.topic))] }));
  socket.onmessage = ({ data }) => {
    const { type, channel } = JSON.parse(data);
    if (type === 'event' || type === 'gap')
      for (const panel of panels) if (panel.dataset.topic === channel) refresh(panel);
  };
  socket.onclose = () => pause(2000).then(connect);
}

async function refresh(panel) {
  panel.behind = true;
  if (panel.busy) return;
  panel.busy = true;
  while (panel.behind) {
    panel.behind = false;
    const answer = await fetch('/panels/' + encodeURIComponent(panel.dataset.panel)).catch(() => undefined);
    if (answer?.ok) panel.querySelector('div').innerHTML = await answer.text();
    await pause(1000);
  }
  panel.busy = false;
}

connect();
`;
