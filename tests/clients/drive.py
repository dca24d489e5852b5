"""Drives mem0's Python client of any generation against a server: drive.py URL KEY. Fails by an exception."""
import importlib.metadata
import sys
import time
import uuid

url, key = sys.argv[1:3]
version = importlib.metadata.version("mem0ai")
generation = int(version.split(".")[0])

from mem0 import MemoryClient

client = MemoryClient(api_key=key, host=url)
user = f"python {version} {uuid.uuid4()}"
other = f"other {uuid.uuid4()}"


def results(answer):
    return answer["results"] if isinstance(answer, dict) else answer


def search(query, owner, **more):
    if generation >= 1:
        more["filters"] = more.get("filters", {"user_id": owner})
        return results(client.search(query, **more))
    return results(client.search(query, user_id=owner, **more))


def get_all(owner, **more):
    if generation >= 1:
        return results(client.get_all(filters={"user_id": owner}, **more))
    return results(client.get_all(user_id=owner, **more))


messages = [
    {"role": "system", "content": "You are kind."},
    {"role": "user", "content": "The boiler valve was replaced on Tuesday."},
    {"role": "assistant", "content": "I will remember the valve."},
]
added = results(client.add(messages, user_id=user, metadata={"room": "cellar"}) if generation < 2 else client.add(
    messages, user_id=user, metadata={"room": "cellar"}))
assert [item["event"] for item in added] == ["ADD", "ADD"], added
client.add([{"role": "user", "content": "Anna is allergic to peanuts."}], user_id=user, metadata={"room": "kitchen"})
client.add([{"role": "user", "content": "A secret of somebody else about the boiler."}], user_id=other)

found = search("when did we fix the heating valve?", user)
assert found and found[0]["memory"] == "The boiler valve was replaced on Tuesday.", found
assert found[0]["metadata"] == {"room": "cellar"} and 0 < found[0]["score"] <= 1
assert all("secret" not in item["memory"] for item in found)

listed = get_all(user)
assert len(listed) == 3, listed
assert all(item["user_id"] == user for item in listed)

one = client.get(found[0]["id"])
assert one["memory"] == found[0]["memory"]
if generation == 0:
    client.update(one["id"], "The boiler valve was replaced on Wednesday.")
else:
    client.update(one["id"], text="The boiler valve was replaced on Wednesday.", metadata={"by": "Bob"})
assert client.get(one["id"])["memory"].endswith("Wednesday.")
past = client.history(one["id"])
assert [line["event"] for line in past] == ["ADD", "UPDATE"], past
assert past[1]["old_memory"].endswith("Tuesday.")

if generation >= 1:
    both = {"AND": [{"user_id": user}, {"metadata": {"room": "kitchen"}}]}
    assert [item["memory"] for item in search("peanuts", user, filters=both)] == ["Anna is allergic to peanuts."]
    either = {"OR": [{"user_id": user}, {"user_id": other}]}
    assert any("secret" in item["memory"] for item in search("boiler", user, filters=either))
    page = client.get_all(filters={"user_id": user}, page=1, page_size=2)
    assert page["count"] == 3 and len(page["results"]) == 2 and page["next"], page

names = [entity["name"] for entity in client.users()["results"]]
assert user in names and other in names
try:
    client.feedback(one["id"], feedback="POSITIVE")
except TypeError as error:
    # Clients before 2.0 send the feedback and then fail over their own statistics.
    assert generation < 2 and "capture_client_event" in str(error)
batch = [{"memory_id": item["id"], "text": item["memory"] + " (checked)"} for item in listed[:2]]
assert "2" in client.batch_update(batch)["message"]
assert all(client.get(item["memory_id"])["memory"].endswith("(checked)") for item in batch)
client.batch_delete([{"memory_id": batch[0]["memory_id"]}])

export = client.create_memory_export(schema={"type": "object"}, filters={"user_id": user})
assert len(client.get_memory_export(memory_export_id=export["id"])["memories"]) == 2

try:
    client.get(str(uuid.uuid4()))
    raise SystemExit("an unknown memory was found")
except Exception as error:
    assert "404" in str(error) or "NotFound" in type(error).__name__ or "no memory" in str(error), repr(error)

client.delete(one["id"])
if generation >= 2:
    client.delete_all(filters={"user_id": user})
else:
    client.delete_all(user_id=user)
assert get_all(user) == []
assert len(get_all(other)) == 1, "another's memories are gone"
client.delete_users(user_id=other)
assert get_all(other) == []

hooks = client.create_webhook(url="http://127.0.0.1:9/x", name="w", project_id="local-project", event_types=["memory_add"])
identity = hooks.get("webhook_id")
assert identity in [hook["webhook_id"] for hook in client.get_webhooks(project_id="local-project")]
client.update_webhook(webhook_id=identity, name="v") if generation >= 2 else client.update_webhook(identity, name="v", url="http://127.0.0.1:9/x", event_types=["memory_add"])
client.delete_webhook(webhook_id=identity)

client.update_project(custom_instructions="be brief") if hasattr(client, "update_project") else client.project.update(
    custom_instructions="be brief")
project = client.get_project(fields=["custom_instructions"]) if hasattr(client, "get_project") else client.project.get(
    fields=["custom_instructions"])
assert project["custom_instructions"] == "be brief", project

import asyncio
from mem0 import AsyncMemoryClient


async def asynchronously():
    client = AsyncMemoryClient(api_key=key, host=url)
    await client.add([{"role": "user", "content": "Bees sleep at night."}], user_id=user)
    if generation >= 1:
        found = results(await client.search("when do bees sleep", filters={"user_id": user}))
    else:
        found = results(await client.search("when do bees sleep", user_id=user))
    assert found[0]["memory"] == "Bees sleep at night.", found
    if generation >= 2:
        await client.delete_all(filters={"user_id": user})
    else:
        await client.delete_all(user_id=user)


asyncio.run(asynchronously())

try:
    MemoryClient(api_key="wrong", host=url)
    raise SystemExit("a wrong key was taken")
except SystemExit:
    raise
except Exception as error:
    assert "key" in str(error), repr(error)
print(f"mem0ai {version}: ok")
