"""What the readers refuse."""

from registry.kernel.language import Later


class Unreadable(ValueError):
    """A text or a file of no form that is understood, or one without a module in it. It says what was expected."""

    def __init__(self, message: Later) -> None:
        super().__init__(str(message))
        self.message = message

    def said(self) -> str:
        """The same in the language of the moment."""
        return self.message.said()
