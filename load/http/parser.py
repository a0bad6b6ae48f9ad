"""The parser of HTTP/1.1 answers, on httptools (llhttp)."""

import httptools


class ParseError(Exception):
    """The received bytes are not an HTTP answer."""


class ResponseParser:
    """The parser of one answer. Interim 1xx answers are skipped (RFC 9110, 15.2), and repeated headers are joined with a comma
    (RFC 9110, 5.3)."""

    def __init__(self) -> None:
        self._llhttp = httptools.HttpResponseParser(self)
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = bytearray()
        self.head = self.complete = self.keep_alive = self._beyond = False

    def feed(self, block: bytes) -> None:
        """Parse further bytes. ParseError if they are not HTTP, or change the protocol without a request."""
        try:
            self._llhttp.feed_data(block)
            self.keep_alive &= not self._beyond
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            raise ParseError(str(error)) from None

    def release(self) -> None:
        """Break the reference cycle with llhttp's object, or a body of 16 MiB stays until the next garbage collection."""
        del self._llhttp

    def on_message_begin(self) -> None:
        self._beyond = self.complete  # an unrequested answer: it is ignored, and the connection is closed
        if not self._beyond:
            self.headers = {}
            self.head = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.head:
            return  # trailers are ignored, because their size is not limited
        field = name.decode("latin-1").lower()
        text = value.decode("latin-1").strip(
            " \t"
        )  # RFC 9110, 5.5: surrounding white space is not part of it
        self.headers[field] = f"{self.headers[field]}, {text}" if field in self.headers else text

    def on_headers_complete(self) -> None:
        self.head = True
        if not self._beyond:
            self.status = self._llhttp.get_status_code()

    def on_body(self, part: bytes) -> None:
        if not self._beyond:
            self.body += part

    def on_message_complete(self) -> None:
        self.complete = self.status >= 200
        self.keep_alive = self._llhttp.should_keep_alive()
