"""openai_embeddings.py URL KEY: what OpenAI's own client gets from `memt serve`."""

import sys

import openai

url, key = sys.argv[1:]
client = openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0)

names = [model.id for model in client.models.list()]
assert names[0] == "memt" and len(names) == 2, names
assert client.models.retrieve(names[1]).owned_by == "memt"

# The client asks for base64 by itself and decodes it.
texts = ["the boiler valve was replaced", "someone repaired the boiler", "a recipe for plum cake", "..."]
reply = client.embeddings.create(model="memt", input=texts)
vectors = [one.embedding for one in reply.data]
assert [one.index for one in reply.data] == [0, 1, 2, 3]
assert [len(vector) for vector in vectors] == [128] * 4
assert reply.model == names[1] and reply.usage.prompt_tokens == 5 + 4 + 5


def cosine(a, b):
    return sum(x * y for x, y in zip(a, b))


for vector in vectors[:3]:
    assert abs(cosine(vector, vector) - 1) < 1e-5
assert vectors[3] == [0] * 128
assert cosine(vectors[0], vectors[1]) > cosine(vectors[0], vectors[2]) + 0.2

one = client.embeddings.create(
    model=names[1], input=texts[0], encoding_format="float", dimensions=128
)
assert max(abs(x - y) for x, y in zip(one.data[0].embedding, vectors[0])) < 1e-6


def refused(kind, code, param, **fields):
    try:
        client.embeddings.create(**{"model": "memt", "input": "a", **fields})
    except kind as error:
        assert (error.code, error.param, error.type) == (code, param, "invalid_request_error"), error
        return
    raise AssertionError(f"{fields} was accepted")


refused(openai.BadRequestError, None, "input", input=[[1, 2, 3]])
refused(openai.BadRequestError, None, "input", input=[1, 2, 3])
refused(openai.BadRequestError, None, "input", input="")
refused(openai.BadRequestError, None, "dimensions", dimensions=64)
refused(openai.NotFoundError, "model_not_found", "model", model="text-embedding-3-small")
try:
    openai.OpenAI(base_url=f"{url}/v1", api_key="wrong", max_retries=0).models.list()
    raise AssertionError("a wrong key was accepted")
except openai.AuthenticationError:
    pass
print("openai", openai.__version__, "is content")
