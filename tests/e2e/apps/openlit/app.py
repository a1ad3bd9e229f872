import openlit
from openai import OpenAI

openlit.init(pricing_json="pricing.json")
client = OpenAI()
answer = client.chat.completions.create(
    model="gpt-4o-mini",
    messages=[{"role": "user", "content": "Summarize observability in one sentence."}],
)
print(answer.choices[0].message.content)
