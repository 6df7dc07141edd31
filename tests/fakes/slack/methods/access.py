"""auth.*, apps.*, users.*, bots.*: who is there."""

from tests.fakes.slack.arguments import BOOLEAN, INTEGER, STRING, Signature
from tests.fakes.slack.methods.paging import page
from tests.fakes.slack.refusals import Refusal
from tests.fakes.slack.stage import Json, Method, Methods, Stage
from tests.fakes.slack.state import APP_ID, BOT


def authenticate(stage: Stage, given: Json) -> Json:
    team = stage.state.teams[BOT.team]
    return {
        "url": team.url,
        "team": team.name,
        "user": BOT.name,
        "team_id": team.id,
        "user_id": BOT.id,
        "bot_id": BOT.bot_id,
        "is_enterprise_install": False,
    }


def open_connection(stage: Stage, given: Json) -> Json:
    return {"url": f"{stage.link_origin}/link/?ticket={stage.socket.new_ticket()}&app_id={APP_ID}"}


def user_info(stage: Stage, given: Json) -> Json:
    return {"user": stage.state.user(given["user"]).as_json()}


def list_users(stage: Stage, given: Json) -> Json:
    members = [user for user in stage.state.users.values() if user.team == BOT.team]
    shown, cursor = page(members, given)
    return {"members": [user.as_json() for user in shown], "cache_ts": 0, "response_metadata": {"next_cursor": cursor}}


def bot_info(stage: Stage, given: Json) -> Json:
    for user in stage.state.users.values():
        if user.is_bot and user.bot_id == given.get("bot", BOT.bot_id):
            return {
                "bot": {
                    "id": user.bot_id,
                    "deleted": False,
                    "name": user.name,
                    "updated": 1700000000,
                    "app_id": user.app_id,
                    "user_id": user.id,
                    "icons": {"image_36": "", "image_48": "", "image_72": ""},
                }
            }
    raise Refusal("bot_not_found", str(given.get("bot")))


METHODS: Methods = {
    "auth.test": Method(authenticate, Signature()),
    "apps.connections.open": Method(open_connection, Signature(), app_level=True),
    "users.info": Method(user_info, Signature({"user": STRING}, {"include_locale": BOOLEAN}), "users:read"),
    "users.list": Method(
        list_users,
        Signature({}, {"cursor": STRING, "limit": INTEGER, "include_locale": BOOLEAN, "presence": BOOLEAN}),
        "users:read",
    ),
    "bots.info": Method(bot_info, Signature({}, {"bot": STRING}), "users:read"),
}
