"""A provider's name as some library spells it in; OpenTelemetry's well-known name out.

Source of the names: OpenTelemetry GenAI semantic conventions, `gen_ai.provider.name`; the other
spellings were seen in recordings of real libraries.
"""

from functools import lru_cache

_KNOWN = {
    "az.ai.openai": "azure.ai.openai",
    "azure": "azure.ai.openai",
    "azure_openai": "azure.ai.openai",
    "azure-openai": "azure.ai.openai",
    "azure.ai.openai": "azure.ai.openai",
    "az.ai.inference": "azure.ai.inference",
    "azure.ai.inference": "azure.ai.inference",
    "aws.bedrock": "aws.bedrock",
    "aws_bedrock": "aws.bedrock",
    "bedrock": "aws.bedrock",
    "aws": "aws.bedrock",
    "amazon": "aws.bedrock",
    "amazon-bedrock": "aws.bedrock",
    "gcp.gemini": "gcp.gemini",
    "gemini": "gcp.gemini",
    "google": "gcp.gemini",
    "google_genai": "gcp.gemini",
    "gcp.gen_ai": "gcp.gen_ai",
    "gcp.vertex_ai": "gcp.vertex_ai",
    "gcp.vertex.agent": "gcp.vertex_ai",
    "vertex_ai": "gcp.vertex_ai",
    "vertexai": "gcp.vertex_ai",
    "vertex": "gcp.vertex_ai",
    "google-vertex": "gcp.vertex_ai",
    "google.vertex": "gcp.vertex_ai",
    "ibm.watsonx.ai": "ibm.watsonx.ai",
    "watsonx": "ibm.watsonx.ai",
    "x_ai": "x_ai",
    "xai": "x_ai",
    "x-ai": "x_ai",
    "mistral": "mistral_ai",
    "mistralai": "mistral_ai",
    "mistral_ai": "mistral_ai",
    "moonshot": "moonshot_ai",
    "moonshot_ai": "moonshot_ai",
    "moonshotai": "moonshot_ai",
}
_FRAMEWORKS = frozenset(
    {
        "_other",
        "agno",
        "autogen",
        "crewai",
        "dspy",
        "haystack",
        "langchain",
        "langgraph",
        "llama_index",
        "llamaindex",
        "mastra",
        "microsoft",
        "none",
        "openai_agents",
        "pydantic-ai",
        "pydantic_ai",
        "semantic_kernel",
        "smolagents",
        "spring_ai",
        "strands-agents",
        "unknown",
    }
)


@lru_cache(maxsize=4096)
def canonical(raw: str) -> str:
    """The provider's well-known name; "" when the name says nothing about who served the call."""
    name = raw.strip().lower()
    at = len(name)
    while at > 0:  # "google.vertex.chat" is Vertex, although "google" alone is not
        if name[:at] in _KNOWN:
            return _KNOWN[name[:at]]
        at = name.rfind(".", 0, at)
    head = name.split(".", 1)[0]
    if head in _FRAMEWORKS:
        return ""
    return _KNOWN.get(head, head)
