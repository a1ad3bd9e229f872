"""What can be wrong about a question, each naming the parameter."""

from farthing.errors import BadRequestError


class ParameterError(BadRequestError):
    """A parameter can't be used. The message begins with its name."""

    code = "bad_parameter"

    def __init__(self, parameter: str, what: str) -> None:
        """`what` goes on after the parameter's name."""
        super().__init__(f"{parameter}: {what}")
        self.parameter = parameter
