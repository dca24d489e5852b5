// Drives mem0's JavaScript client of any generation against a server:
// node drive.mjs FOLDER URL KEY, where FOLDER holds node_modules. Fails by an exception.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const [folder, host, apiKey] = process.argv.slice(2);
const require = createRequire(join(resolve(folder), "x.js"));
const { default: MemoryClient } = require("mem0ai");
const { version } = JSON.parse(readFileSync(join(resolve(folder), "node_modules/mem0ai/package.json")));
const generation = Number(version.split(".")[0]);
const client = new MemoryClient({ apiKey, host });

const user = `node ${version} ${randomUUID()}`;
const other = `other ${randomUUID()}`;
const results = (answer) => (Array.isArray(answer) ? answer : answer.results);
const whose = (name) => (generation >= 3 ? { userId: name } : { user_id: name });
const filters = (name) => ({ filters: { user_id: name } });
const v2 = generation >= 3 ? {} : { api_version: "v2" };

const messages = [
  { role: "system", content: "You are kind." },
  { role: "user", content: "The boiler valve was replaced on Tuesday." },
  { role: "assistant", content: "I will remember the valve." },
];
const added = results(await client.add(messages, { ...whose(user), metadata: { room: "cellar" } }));
assert.deepEqual(added.map((item) => item.event), ["ADD", "ADD"]);
await client.add([{ role: "user", content: "Anna is allergic to peanuts." }], { ...whose(user), metadata: { room: "kitchen" } });
await client.add([{ role: "user", content: "A secret of somebody else about the boiler." }], whose(other));

const found = results(await client.search("when did we fix the heating valve?", { ...filters(user), ...v2 }));
assert.equal(found[0].memory, "The boiler valve was replaced on Tuesday.");
assert.deepEqual(found[0].metadata, { room: "cellar" });
assert.ok(found.every((item) => !item.memory.includes("secret")));

const listed = results(await client.getAll({ ...filters(user), ...v2 }));
assert.equal(listed.length, 3);

const one = await client.get(found[0].id);
assert.equal(one.memory, found[0].memory);
await client.update(one.id, { text: "The boiler valve was replaced on Wednesday." });
assert.ok((await client.get(one.id)).memory.endsWith("Wednesday."));
const past = await client.history(one.id);
assert.deepEqual(past.map((line) => line.event), ["ADD", "UPDATE"]);

const both = { AND: [{ user_id: user }, { metadata: { room: "kitchen" } }] };
const few = results(await client.search("peanuts", { filters: both, ...v2 }));
assert.deepEqual(few.map((item) => item.memory), ["Anna is allergic to peanuts."]);

const users = await client.users();
assert.ok(users.results.some((entity) => entity.name === user));
await client.feedback(generation >= 3 ? { memoryId: one.id, feedback: "POSITIVE" } : { memory_id: one.id, feedback: "POSITIVE" });
await client.batchUpdate([{ memoryId: one.id, text: "Batch." }]);
assert.equal((await client.get(one.id)).memory, "Batch.");
await client.batchDelete([one.id]);
await assert.rejects(client.get(one.id));
await client.deleteAll(whose(user));
assert.equal(results(await client.getAll({ ...filters(user), ...v2 })).length, 0);
assert.equal(results(await client.getAll({ ...filters(other), ...v2 })).length, 1);
await client.deleteUsers(whose(other));
assert.equal(results(await client.getAll({ ...filters(other), ...v2 })).length, 0);
console.log(`mem0ai ${version} (npm): ok`);
process.exit(0);
