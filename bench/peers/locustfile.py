"""Locust's two clients at the same work; the answer is judged, as our own users judge it."""

import os

from locust import FastHttpUser, HttpUser

BODY = os.environ["BODY"].encode()
HEADERS = {"Content-Type": "application/json"}


def chat(user):
    """One request."""
    with user.client.post(
        "/api/v1/chat", data=BODY, headers=HEADERS, catch_response=True
    ) as answer:
        if answer.status_code != 200:
            answer.failure(f"status {answer.status_code}")


class FastUser(FastHttpUser):
    """By geventhttpclient."""

    tasks = [chat]


class PlainUser(HttpUser):
    """By requests."""

    tasks = [chat]
