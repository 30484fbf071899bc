"""English: what asks for a person, what asks for anything but a machine, and what only looks like it."""

import re

_MISSPELT = {
    "agent": "agnet|agnt|agetn|agant|agebt",
    "human": "humen|humna|huamn|hooman|humam|hman|humann",
    "person": "preson|prson|persn|peron|persom",
    "someone": "some one|somone|sumone|somoene",
    "somebody": "some body|sombody|sumbody",
    "anyone": "any one|anyon",
    "operator": "oparator|opertor|operater|opperator",
    "representative": "representitive|represenative|reprasentative|reprisentative|representive|reprsentative",
    "manager": "managr|maneger|manger|mangaer",
    "customer": "custmer|costumer|cutomer|custumer",
    "talk": "tlak|takl|tolk|tlk|tallk",
    "speak": "speek|spek|spaek|speack|spk",
    "connect": "conect|connet|connekt",
    "transfer": "tranfer|transfere|trasnfer|transfar",
}
_SPELT = re.compile(
    rf"\b(?:{'|'.join(f'(?P<{right}>{wrong})' for right, wrong in _MISSPELT.items())})\b", re.I
)

_KIND = (
    r"(?:(?:real|live|living|actual|human|normal|proper|single|another|other|different|competent|qualified|senior|"
    r"non-\w+|friendly|trained|available|bank|sales|support|service|customer|care|store|shop|billing|repairs?|"
    r"technical|tech|returns?|warranty|shift|duty|floor)\s+)"
)
_WHOSE = r"(?:an?\s+|the\s+|your\s+|ur\s+|(?:one|some|any)\s+of\s+(?:your|the)\s+|some\s+|any\s+)?"
_ROLE = (
    r"(?:persons?|humans?(?:\s+being)?|agents?|operators?|representatives?|rep|(?:team\s+)?manager|supervisor|boss|"
    r"superior|advis[eo]rs?|employees?|colleagues?|co-?workers?|workers?|specialists?|experts?|consultant|"
    r"technicians?|receptionist|team\s+lead(?:er)?|(?:human|person)\s+in\s+charge)"
)
_SOMEONE = r"(?:some(?:one|body)|any(?:one|body)|whoever)"
_MANY_WORDS = (
    r"(?:(?:members?\s+of\s+(?:your\s+|the\s+)?)?staff(?:\s+member)?|members?\s+of\s+(?:your|the)\s+team)"
)
_ANYBODY = (
    rf"(?:{_ROLE}|people|{_SOMEONE}|{_MANY_WORDS}|(?:support|customer)\s+(?:team|service|support|care|staff))"
)
_PLACE = (
    r"(?:reception|front\s+desk|help\s?desk|service\s+desk|concierge|housekeeping|room\s+service|restaurant|gym|spa|"
    r"pool|kitchen|branch|head\s?office|headquarters|hq|office|warehouse|store|shop|sales|billing|accounting|"
    r"finance|technical\s+support|tech\s+support|support|(?:[a-z]+\s+){1,2}(?:team|department|dept|crew))"
)
_NO_MORE = (
    r"\b(?!['’]s\b)(?!\s*(?:fees?|number|name|readable|error|shaped|size|limit|discount|called|told|was|said|accounts?|"
    r"wi-?fi|network|app|page|website|voices?|speech|mode|software|manual|guide|user\s+manual)\b)"
)
_TO_ROLE = rf"{_WHOSE}{_KIND}{{0,3}}{_ROLE}{_NO_MORE}"
_TO_ANYBODY = rf"{_WHOSE}{_KIND}{{0,3}}{_ANYBODY}{_NO_MORE}"
_TO_PLACE = rf"(?:the\s+|your\s+)?{_PLACE}{_NO_MORE}"
_TALK = r"(?:talk|speak|chat|write|discuss|a\s+word|an?\s+(?:\w+\s+)?conversation)"
_TO = r"(?:to|2|with)"
_HAND_ON = (
    r"(?:connect|transfer|forward|switch|put|putt(?=ing)|pass|hand|redirect|direct|route|patch|move)"
    r"(?:r?ed|r?ing)?"
)
_BOT = r"(?:chat\s?)?bots?|virtual\s+(?:agent|assistant)s?|automated\s+\w+|ai"
_MACHINE = rf"(?:{_BOT}|robots?|machines?|computers?|computer\s+programs?|algorithms?)"
_BAD = r"(?:(?:stupid|dumb|useless|bloody|damn|silly|fucking|annoying|blasted|f\w{0,3}ing)\s+)?"
_FAILS = (
    r"(?:useless|stupid|dumb|hopeless|pointless|rubbish|garbage|crap|idiotic|an?\s+(?:joke|waste|idiot)|"
    r"going\s+nowhere|getting\s+(?:us\s+|me\s+)?nowhere|"
    r"(?:getting|got|gets)\s+(?:it\s+|this\s+)?(?:all|everything)\s+wrong)"
)

ASKS = re.compile(
    # talk to, speak with, discuss this with; "someone I could talk to", "somebody there to talk to"
    rf"\b{_TALK}(?:ing)?(?:\s+\w+){{0,2}}?\s+{_TO}\s+(?:{_TO_ANYBODY}|(?:one|some|any)\s+of\s+your\s+\w+)"
    rf"|\b{_TALK}(?:ing)?\s+(?:directly\s+)?{_TO}\s+{_TO_PLACE}"
    rf"|\b{_ANYBODY}(?:\s+\w+)?\s+(?:i|we)\s+(?:can|could|may)\s+{_TALK}\b"
    rf"|\b(?:{_ROLE}|{_SOMEONE})(?:\s+\w+)?\s+to\s+{_TALK}\s+{_TO}\b"
    rf"|\b(?:talk|speak|chat)\s+{_TO}\s+\w+\s+again\b"
    # connect me to, put me through to, be transferred to
    rf"|\b{_HAND_ON}(?:\s+(?:me|us|this|it|my\s+(?:call|chat|case)))?(?:\s+(?:on|over|through|across|along))?\s+{_TO}\s+"
    rf"{_TO_ANYBODY}"
    rf"|\b{_HAND_ON}\s+(?:me|us)(?:\s+(?:on|over|through|across|along))?\s+{_TO}\s+{_TO_PLACE}"
    r"|\bescalate\s+(?:this|it|me|my\s+\w+)\b|\bescalated?\s+to\s+(?:a|your|the)\s+\w+"
    # get me, I need, I want, I asked for
    r"|\b(?:get|give|find|fetch|bring|call|want|need|prefer|reach|asked\s+for|asking\s+for|"
    r"(?<!looks )(?<!sounds )(?<!look )(?<!sound )like|"
    r"(?:rather|can\s+i|could\s+i|may\s+i|let\s+me|to)\s+have)\s+"
    rf"(?:me\s+)?(?:to\s+(?:see|reach|have)\s+)?{_TO_ROLE}"
    rf"|\b(?:get|give|find|send)\s+me\s+(?:through\s+|over\s+)?(?:to\s+)?{_SOMEONE}\b"
    rf"|\bget\s+{_SOMEONE}\s+to\s+help\b|\b(?:get|have|put)\s+{_SOMEONE}(?:\s+else)?\s+on\s+the\s+(?:line|phone)\b"
    r"|\bfrom\s+an?\s+(?:(?:real|live|actual|human)\s+)?(?:agent|human|person)\b"
    r"|\b(?:can|could|may|would)\s+some(?:one|body)\s+from\s+(?:your|the|customer)\b"
    r"|\bsome(?:one|body)\s+from\s+(?:your|the|customer)\s+\w+\s+(?:please|pls)\b"
    r"|\b(?:some|any)(?:one|body)\s+else\b.{0,30}\b(?:help|look|line|talk|speak|take\s+over)\b"
    # call me
    rf"|\b(?:can|could|would|will|have|get|ask|let)\s+(?:you|u|{_TO_ANYBODY})\s+(?:please\s+|just\s+|to\s+)?"
    r"(?:call|phone|ring)\s+me\b(?!\s+(?:an?|by|mrs?|ms|when|before|if|once|as\s+soon)\b)"
    r"|\b(?:call|phone|ring)\s+me\s+back\b|\bgive\s+me\s+a\s+(?:call|ring|callback)\b"
    r"|\b(?:want|need|request(?:ing)?|arrange|schedule|like|get|have)\s+(?:for\s+)?(?:an?\s+)?(?:phone\s+call|call\s?-?back)\b"
    # put me in touch with, get hold of, explain it to, wait for
    r"|\b(?:in\s+touch\s+with|(?:get|got)\s+(?:a\s+)?hold\s+of|(?:hear|answer|reply|response|help)\s+from|through\s+to|"
    r"(?:rather|will|'ll|can|to)\s+wait\s+for|(?:explain|complain|tell|show)(?:ing)?\s+(?:\w+\s+){0,3}?to|"
    rf"(?:rather|prefer(?:\s+to)?|want\s+to|wanna|like\s+to)\s+deal\s+with)\s+(?:{_TO_ROLE}|{_TO_PLACE})"
    rf"|\b(?:find|get|reach|need|want|give\s+me|have)\s+{_SOMEONE}\s+(?:real|human|competent|in\s+charge|responsible|"
    r"(?:who|that)\s+(?:\w+\s+){0,2}?(?:works?|understands?|listens?|decides?|help|human|real))\b"
    rf"|\b(?:let|have|can|could|should|may|would)\s+{_TO_ROLE}(?:\s+of\s+yours)?\s+(?:please\s+)?(?:take|handle|deal|look|"
    r"help|answer|check|solve|sort|contact|join|reply|step\s+in)\b"
    r"|\b(?:human|real\s+person|live\s+person|person)\s+(?:actually\s+)?(?:picks?\s+up|answers?|responds?|replies)\b"
    r"|\b(?:real|actual|live)\s+(?:people|humans?|persons?)\s+only\b"
    r"|\b(?:human|real|live)\s+(?:assistance|support|help|intervention|contact|customer\s+(?:service|support|care))\b"
    r"(?!\s+(?:hours|open))"
    # is anybody there
    r"|\bis\s+(?:there\s+)?(?:any|some)(?:one|body)\s+(?:real\s+|actually\s+)?(?:there|available|around)\b"
    r"|\bany(?:one|body)\s+(?:there|real)\s*\?"
    r"|\bany\s+(?:(?:real|live|actual)\s+)?(?:humans?|people|agents?)\s+(?:there|around|here|available|online)\b"
    r"|\bis\s+an?\s+(?:real\s+)?(?:person|human)\s+(?:reading|there|here|available)\b"
    r"|\bcan\s+a\s+(?:real|human|actual)\s*(?:person|human|agent|being)?\s+(?!\w*\s*(?:use|wear|fit)\b)\w+"
    r"|\breal\s+person\s+(?:here|please|pls)\b"
    r"|\bsome(?:one|body)\s+(?:who|that)(?:\s+is|'s|\s+isn't|\s+actually|\s+can)?\s+(?:not\s+an?\s+(?:\w*bot|machine)|"
    r"human|understands?|an?\s+(?:\w*bot|machine))\b"
    # anything but a machine
    rf"|\b(?:talk|speak|chat|argu|deal)(?:e|ing)?\s+{_TO}\s+(?:an?\s+|your\s+|this\s+)?{_BAD}(?:{_MACHINE})\b"
    r"|\b(?:refuse|not\s+going|don'?t\s+want)\s+to\s+(?:discuss|share)\s+(?:\w+\s+){1,4}?with\s+an?\s+"
    rf"(?:{_MACHINE})\b"
    rf"|\b(?:stop|end|quit|exit|skip|disable|bypass|(?:turn|switch)\s+off)\s+(?:the\s+|this\s+|that\s+|your\s+)?{_BAD}"
    rf"(?:{_BOT})\b|\bno\s+(?:more\s+)?(?:(?:chat)?bots|machines)\b"
    r"|\b(?:don'?t|do\s+not|won'?t|not\s+going\s+to|refuse\s+to)\s+(?:want\s+to\s+|wanna\s+|like\s+to\s+|like\s+)?"
    rf"(?:talk|speak|chat)(?:ing)?\s+{_TO}\s+you\b"
    r"|(?:\bnot|n'?t|\bun)\s?(?:\w+\s+){0,2}?comfortable\s+(?:\w+\s+){0,2}?(?:shar|tell|giv|discuss|talk|speak|chat|"
    rf"provid|send|typ|deal|explain)\w*\s+(?:\w+\s+){{0,5}}?(?:an?|this)\s+(?:{_MACHINE})\b"
    r"|\bwast(?:e|ing)\s+(?:my\s+|any\s+|more\s+)*time\s+(?:talking\s+)?(?:with|on|to)\s+an?\s+"
    rf"(?:{_MACHINE})\b"
    # the machine itself fails
    rf"|\b(?:this|the|your|ur)\s+{_BAD}(?:{_BOT})\s+(?:is|are|keeps?)\s+(?:\w+\s+)?{_FAILS}"
    rf"|\b(?:this|the|your)\s+{_BAD}(?:{_BOT})\s+(?:does\s*n[o']?t|can\s*n?[o']?t|can\s?not)\s+"
    r"(?:\w+\s+)?(?:understand|help|get\s+(?:it|me))\b"
    r"|\b(?:this|our)\s+(?:conversation|dialogue)\s+(?:is|does|isn'?t|doesn'?t)\s+(?:just\s+|simply\s+)?"
    rf"(?:(?:not\s+)?(?:working|leading|helping|getting|going|work|lead)\b|{_FAILS})",
    re.IGNORECASE,
)
ALONE = re.compile(
    rf"(?:(?:just|ok|okay|hi|hello|give|yes|no|then)\s+)?(?:an?\s+|the\s+)?{_KIND}{{0,3}}(?:person|humans?|human\s+being|"
    r"agents?|operator|representative|rep|supervisor|advis[eo]r|real\s+people|customer\s+(?:service|support|care)|live\s+(?:chat|support))"
    r"(?:\s+(?:please|pls|plz|plss*|now|asap))*"
    r"|(?:the\s+|your\s+)?(?:[a-z]+\s+){0,2}(?:team|department|dept|desk|manager|supervisor|reception|colleague|staff)"
    r"\s+(?:please|pls|plz)(?:\s+now)?",
    re.IGNORECASE,
)
_HAND_ME_ON = rf"(?:{_HAND_ON}(?:\s+(?:me|us|this|it))?(?:\s+(?:over|through|on))?\s+(?:to|with))"
DECLINES = (
    r"\b(?:i\s+|you\s+)?(?:don'?t|do\s+not|needn'?t|no\s+need|rather\s+not|never\s+(?:asked|wanted)|"
    r"did\s?n[o']?t\s+(?:ask|want)|not\s+(?:asking|looking))(?:\s+(?:even|really|want|need|have|like|for|to|be|for\s+you|any)){0,5}"
    rf"(?:\s+(?:(?:talk|speak|chat)(?:ing)?\s+(?:to|with)|{_HAND_ME_ON}))?\s+{_TO_ANYBODY}"
    r"|\b(?:no\s+need|do\s?n[o']?t\s+(?:need|have))\s+to\s+(?:escalate|transfer|call)\s+(?:me|this|it)(?:\s+back)?\b"
    r"|\bplease\s+do\s?n[o']?t\s+(?:escalate|transfer|call|phone|ring)\s+(?:me|this|it)(?:\s+back)?\b"
)
NOT_MEANT = re.compile(
    # "am I talking to a robot?" asks what this is
    r"\b(?:am\s+i|are\s+we)\s+(?:\w+\s+)?(?:talking|speaking|chatting|writing)\s+(?:to|with)"
    r"\s+(?:\w+\s+){0,3}?(?:bot|robot|machine|computer|person|human)\b"
    r"|\b(?:customs|cleaning|descaling|shipping|estate|travel|wetting|bleaching|user|delivery|drying|rinsing|insurance|"
    r"foaming|cooling)\s+agents?\b"
    r"|\bhuman[- ](?:readable|resources|error|hair|voice|body|speech|friendly|made)s?\b"
    r"|\b(?:delivery|tv|phone|machine|crane|tour|network|mobile)\s+(?:persons?|operators?)\b"
    # what was, or what somebody else does
    r"|\b(?:wanted|was\s+going|meant|was\s+about|had|used)\s+to\s+(?:\w+\s+)?(?:talk|speak|chat|ask|call|get|contact|reach)"
    rf"(?:\s+(?:to|with|for))?\s+{_TO_ANYBODY}(?=.{{0,40}}\b(?:but|yesterday|earlier|last)\b)"
    r"|\b(?:does|do|will|would)\s+(?:the|this|it|these)\b.{0,30}?\b(?:need|want|like)\s+an?\s+\w+"
    r"|\b(?:until|from|at)\s+(?:what\s+time|when)\b.{0,60}"
    r"|\bpass\s+(?:this|it)\s+on\s+to\s+whoever\b"
    r"|\b(?:the\s+)?(?:courier|driver|carrier|delivery\s+\w+|postman)\s+(?:\w+\s+){0,2}(?:call|phone|ring)\s+me\b"
    r"|\b(?:can|could|would|will|ask|have|get)\s+the\s+(?:courier|driver|carrier)\b.{0,20}?\b(?:call|phone|ring)\s+me\b"
    rf"|{DECLINES}",
    re.IGNORECASE,
)
REPROACHES = re.compile(
    # "you don't transfer me" reproaches, whereas "don't transfer me" and "you don't need to" decline
    r"(?<!hope )(?<!sure )(?<!long as )"
    r"\byou\s+(?:don'?t|won'?t|never|didn'?t|refuse\s+to)\s+(?:even\s+|just\s+)?"
    rf"{_HAND_ON}\s+(?:me|us)(?:\s+(?:on|over|through))?\s+(?:to|with)\s+{_TO_ANYBODY}",
    re.IGNORECASE,
)


def spelt(text: str) -> str:
    """The words that matter here as they are written in the dictionary."""
    return _SPELT.sub(lambda found: found.lastgroup or found.group(), text)
