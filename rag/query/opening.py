"""How people open a question before it says anything: greetings, requests, what they want to know."""

import re

__all__ = ["OPENING", "REQUEST"]

# A request comes before its verb: 能不能帮我查一下, 请写一首诗.
REQUEST = "请|麻烦|能不能|可以|帮我|帮忙|给我"
OPENING = re.compile(
    r"^(?:你好|您好|请问一下|请问|请教一下|请教|我?想(?:要)?(?:知道|了解|问一下|问问|问)|"
    rf"(?:{REQUEST}){{0,2}}(?:查一下|查查|查询一下|介绍一下|说一下|说说|告诉我)|[，,：:\s])+"
)
