"""A faithful local Flowtly: real HTTP, its own storage, faults on demand.

It imports nothing else of this project, so that a mistake in our client cannot hide behind the same
mistake here; the recordings of a real API Platform server judge both. `server.SandboxServer` is the door.
"""
