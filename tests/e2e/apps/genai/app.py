from anthropic import Anthropic
from openai import OpenAI

question = [{"role": "user", "content": "Summarize observability in one sentence."}]

openai = OpenAI()
answer = openai.chat.completions.create(model="gpt-4o", messages=question)
print(answer.choices[0].message.content)

stream = openai.responses.create(model="o4-mini", input="Think first.", stream=True)
for event in stream:
    pass

anthropic = Anthropic()
message = anthropic.messages.create(model="claude-sonnet-4-5", max_tokens=100, messages=question)
print(message.content[0].text)

with anthropic.messages.stream(model="claude-haiku-4-5", max_tokens=100, messages=question) as stream:
    print(stream.get_final_text())
