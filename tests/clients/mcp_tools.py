"""mcp_tools.py MEMT FOLDER URL KEY: what MCP's own Python client gets, on stdio and over HTTP, by the
handshake and without."""

import asyncio
import json
import sys
from importlib.metadata import version

import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

TOOLS = {
    "add_memory",
    "search_memories",
    "get_memories",
    "get_memory",
    "update_memory",
    "delete_memory",
    "delete_all_memories",
    "delete_entities",
    "list_entities",
    "give_feedback",
    "list_events",
    "get_event_status",
}


async def check(client, user):
    assert {tool.name for tool in (await client.list_tools()).tools} == TOOLS

    async def call(name, **arguments):
        result = await client.call_tool(name, arguments)
        value = result.structured_content
        assert json.loads(result.content[0].text) == value
        return result.is_error, value

    async def done(name, **arguments):
        failed, value = await call(name, **arguments)
        assert not failed, value
        return value

    added = await done("add_memory", text="the boiler valve was replaced on Tuesday", user_id=user)
    valve = added["results"][0]["id"]
    event = await done("get_event_status", event_id=added["event_id"])
    assert event["status"] == "SUCCEEDED" and event["results"][0]["id"] == valve
    assert (await done("list_events", page_size=1))["results"] == [event]
    failed, _ = await call("get_event_status", event_id="none")
    assert failed
    turns = [
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": "my sister Ida plays the cello"},
        {"role": "assistant", "content": "how lovely, a cellist"},
        {"role": "user", "content": "..."},
    ]
    turns = await done("add_memory", messages=turns, user_id=user, metadata={"of": "talk"})
    assert [one["role"] for one in turns["results"]] == ["user", "assistant"]
    assert turns["without_words"] == ["..."]

    found = (await done("search_memories", query="when did we fix the heating?", user_id=user))["results"]
    assert found[0]["id"] == valve and 0 < found[0]["score"] <= 1
    only = {"AND": [{"user_id": user}, {"metadata": {"of": "talk"}}]}
    found = (await done("search_memories", query="boiler or cello", filters=only, limit=5, threshold=0))
    assert len(found["results"]) == 2
    learned = await done("give_feedback", memory_id=valve, feedback="NEGATIVE", query="who plays the cello?")
    assert learned["query"] == "who plays the cello?" and learned["weight"] <= 0
    assert (await done("give_feedback", memory_id=valve))["weight"] == 0
    failed, _ = await call("give_feedback", memory_id=valve, feedback="GOOD")
    assert failed
    other = await done("search_memories", query="boiler valve", user_id=user + "-other", threshold=0)
    assert other["results"] == []

    listed = await done("get_memories", user_id=user, page_size=2)
    assert listed["count"] == 3 and len(listed["results"]) == 2
    changed = await done("update_memory", memory_id=valve, text="the boiler pump was replaced on Friday")
    assert changed["id"] == valve
    assert (await done("get_memory", memory_id=valve))["memory"].endswith("Friday")
    assert {"type": "user", "name": user, "total_memories": 3} in (await done("list_entities"))["results"]

    failed, value = await call("get_memory", memory_id="00000000-0000-0000-0000-000000000000")
    assert failed and "no memory" in value["error"], value
    failed, value = await call("search_memories", query="a", user_id=user, limit=0)
    assert failed and "1000" in value["error"], value
    failed, value = await call("delete_entities")
    assert failed, value

    assert (await done("delete_memory", memory_id=valve))["deleted"] == 1
    assert (await done("delete_entities", user_id=user))["deleted"] == 2
    assert (await done("get_memories", user_id=user))["count"] == 0

    await done("add_memory", text="nobody said whose this is")
    assert (await done("get_memories"))["results"][0]["user_id"] is not None
    await done("delete_all_memories")
    assert (await done("get_memories"))["count"] == 0


OPENMEMORY = {"add_memories", "search_memory", "list_memories", "delete_memories"}


async def check_openmemory(client):
    assert {tool.name for tool in (await client.list_tools()).tools} == TOOLS | OPENMEMORY

    async def done(name, **arguments):
        result = await client.call_tool(name, arguments)
        assert not result.is_error, result
        return result.structured_content["results"] if "results" in result.structured_content else result.structured_content

    texts = ["the boiler valve was replaced on Tuesday", "Ida plays the cello"]
    ids = [(await done("add_memories", text=text))[0]["id"] for text in texts]
    assert (await done("search_memory", query="who plays the cello?"))[0]["id"] == ids[1]
    assert {one["id"] for one in await done("list_memories")} == set(ids)
    # All of them, or none if one is not there.
    result = await client.call_tool("delete_memories", {"memory_ids": [ids[0], "none"]})
    assert result.is_error and len(await done("list_memories")) == 2
    assert await done("delete_memories", memory_ids=ids) == {"deleted": 2}


async def main():
    memt, folder, url, key = sys.argv[1:]
    command = StdioServerParameters(command=memt, args=["mcp", "--data", folder])
    for mode in ["auto", "legacy"]:
        async with Client(command, mode=mode) as client:
            await check(client, f"stdio-{mode}")
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx2.AsyncClient(headers=headers) as http:
            transport = streamable_http_client(f"{url}/mcp", http_client=http)
            async with Client(transport, mode=mode) as client:
                await check(client, f"http-{mode}")
    command = StdioServerParameters(command=memt, args=["mcp", "--openmemory", "--data", folder])
    async with Client(command) as client:
        await check_openmemory(client)
    async with httpx2.AsyncClient() as http:
        answer = await http.post(f"{url}/mcp", json={})
        assert answer.status_code == 401, answer
    print("mcp", version("mcp"), "is content")


asyncio.run(main())
