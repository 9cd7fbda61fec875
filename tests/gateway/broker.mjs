// A real MQTT broker (aedes) that lets in whom mosquitto's password file and access list let in.
// node broker.mjs PORT PASSWORDS ACCESS [PEM with key and certificate, for TLS]; prints "ready <port>"; SIGHUP reads both files anew; SIGUSR1 cuts all connections.

import { pbkdf2Sync, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { Aedes } from "aedes";

const [port, passwords, access, pem] = process.argv.slice(2);
let users, rules;

function load() {
  users = new Map(readFileSync(passwords, "utf8").split("\n").filter(Boolean).map((line) => {
    const at = line.indexOf(":");
    return [line.slice(0, at), line.slice(at + 1)];
  }));
  rules = new Map();
  let user = null;
  for (const line of readFileSync(access, "utf8").split("\n").filter(Boolean)) {
    if (line.startsWith("user ")) rules.set((user = line.slice(5)), []);
    else rules.get(user).push(line.split(" ").slice(1));
  }
}

function isRight(name, given) {
  const [, kind, iterations, salt, key] = (users.get(name) ?? "").split("$");
  if (kind !== "7" || !given) return false;
  const expected = Buffer.from(key, "base64");
  return timingSafeEqual(expected, pbkdf2Sync(given, Buffer.from(salt, "base64"), Number(iterations), expected.length, "sha512"));
}

const may = (client, what, topic) => (rules.get(client?.user) ?? []).some(([allowed, pattern]) => allowed === what && pattern === topic);

load();
process.on("SIGHUP", load);
const broker = await Aedes.createBroker({ queueLimit: 1_000_000 });
broker.authenticate = (client, name, password, done) => {
  client.user = name;
  const right = isRight(name, password);
  done(right ? null : Object.assign(new Error("not authorized"), { returnCode: 5 }), right);
};
// A broker may drop in silence what a client may not publish, as mosquitto does.
broker.authorizePublish = (client, packet, done) => {
  if (client && !may(client, "write", packet.topic)) packet.topic = "$refused";
  done(null);
};
broker.authorizeSubscribe = (client, subscription, done) => done(null, may(client, "read", subscription.topic) ? subscription : null);
const server = pem ? createTlsServer({ key: readFileSync(pem), cert: readFileSync(pem) }, broker.handle) : createServer(broker.handle);
const open = new Set();
server.on("connection", (socket) => {
  open.add(socket);
  socket.on("close", () => open.delete(socket));
});
process.on("SIGUSR1", () => { for (const socket of open) socket.destroy(); });
server.listen(Number(port), "127.0.0.1", () => console.log(`ready ${server.address().port}`));
