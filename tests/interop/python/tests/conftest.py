"""What every test gets: the stage, and a new user."""

import pytest

from stage import Stage


@pytest.fixture(scope="session")
def stage():
    return Stage.from_environment()


@pytest.fixture
def user(stage):
    return stage.new_user()
