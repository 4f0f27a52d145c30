"""The exceptions of httpx that scenario files name."""


class HTTPError(Exception):
    pass


class RequestError(HTTPError):
    pass


class TransportError(RequestError):
    pass


class TimeoutException(TransportError):
    pass


class HTTPStatusError(HTTPError):
    def __init__(self, message, response):
        super().__init__(message)
        self.response = response
