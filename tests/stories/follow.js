// SPDX-License-Identifier: MIT
// A client of /ws by npm's ws: follows, connects anew and resumes until it has
// COUNT events, and prints what it got.   node follow.js URL LAST COUNT
const WebSocket = require("ws");

const [url, first, count] = process.argv.slice(2);
const got = { ids: [], extensions: null, codes: [] };
let last = first;

function follow() {
  const peer = new WebSocket(url);
  peer.on("open", () => {
    got.extensions = peer.extensions;
    peer.send(JSON.stringify({ type: "resume", last_event_id: last }));
  });
  peer.on("message", (text, isBinary) => {
    if (isBinary) throw new Error("a binary message");
    const message = JSON.parse(text);
    if (message.type === "resume_failed") throw new Error(text);
    if (!message.data.event_id) return;
    last = message.data.event_id;
    got.ids.push(last);
    if (got.ids.length === 1) console.log("follows");
    if (got.ids.length === +count) peer.close(1000);
  });
  peer.on("error", () => {}); // nobody is there: "close" follows
  peer.on("close", (code) => {
    got.codes.push(code);
    if (got.ids.length < +count) setTimeout(follow, 50);
    else console.log(JSON.stringify(got));
  });
}

follow();
