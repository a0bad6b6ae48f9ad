"""Answers of HTTP/1.1, read by httptools (llhttp) and put together."""

import httptools


class ParseError(Exception):
    """What came is no HTTP answer."""


class ResponseParser:
    """The answer that httptools reads; interim 1xx answers are passed over (RFC 9110, 15.2), and fields that come again are joined with
    a comma (RFC 9110, 5.3)."""

    def __init__(self) -> None:
        self._llhttp = httptools.HttpResponseParser(self)
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = bytearray()
        self.head = self.complete = self.keep_alive = self._beyond = False

    def feed(self, block: bytes) -> None:
        """ParseError: this is no HTTP answer, or more than one, or a change of protocol that nobody asked for."""
        try:
            self._llhttp.feed_data(block)
            self.keep_alive &= not self._beyond
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            raise ParseError(str(error)) from None

    def release(self) -> None:
        """End the circle of this object and llhttp's, or an answer of 16 MiB stays until the collector comes."""
        del self._llhttp

    def on_message_begin(self) -> None:
        self._beyond = (
            self.complete
        )  # an answer that nobody asked for: it is passed over, and the connection with it
        if not self._beyond:
            self.headers = {}
            self.head = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.head:
            return  # a trailer: it says nothing that anybody here asks for, and it has no end that we know of
        field = name.decode("latin-1").lower()
        text = value.decode("latin-1").strip(" \t")  # RFC 9110, 5.5: white space around it is no part
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
