"""Below the actions, for look-ups: a shop with two orders, and one code for everybody."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from actions.services import CodeChecked, CodeSent, IdentityView
from lookups.views import LookUpResult, LookUpView

CODE = "123456"
ORDER = LookUpView(name="order", inputs=("order_number", "email"), identity="email")
PHRASES = {"where is my parcel": "order", "我的包裹": "order"}
ORDERS = {
    ("HH-204817", "ann@example.com"): "Your order HH-204817 is on its way.",
    ("HH-204818", "ann@example.com"): "Your order HH-204818 was delivered.",
}


@dataclass
class Proof:
    """What one customer (here: one conversation) has proven and tried."""

    level: str = "anonymous"
    email: str | None = None
    proven: list[str] = field(default_factory=list)
    sent: dict[str, str] = field(default_factory=dict)
    checked: dict[str, str] = field(default_factory=dict)
    tries: int = 0
    next_send: str = "sent"
    is_expired: bool = False


class LookUpDesk:
    """The look-ups' part of actions.services.Services."""

    def __init__(self) -> None:
        self.look_ups: dict[str, LookUpView] = {}
        """By conversation: only who asks for one in a test has one."""
        self.proofs: dict[str, Proof] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.shop_is_down = False

    def proof(self, conversation_id: str) -> Proof:
        return self.proofs.setdefault(conversation_id, Proof())

    async def look_up_for(
        self, conversation_id: str, *, intent: str | None, text: str, locale: str
    ) -> LookUpView | None:
        view = self.look_ups.get(conversation_id)
        wanted = intent == "order_status" or any(phrase in text.lower() for phrase in PHRASES)
        return view if view and wanted else None

    async def look_up_named(self, conversation_id: str, name: str) -> LookUpView | None:
        view = self.look_ups.get(conversation_id)
        return view if view and view.name == name else None

    async def look_up(
        self, conversation_id: str, name: str, inputs: Mapping[str, str], locale: str
    ) -> LookUpResult:
        self.asked.append((conversation_id, dict(inputs)))
        view, proof = self.look_ups.get(conversation_id), self.proof(conversation_id)
        if self.shop_is_down or view is None:
            return LookUpResult("failed", cause="The shop does not answer.")
        email = inputs.get("email", "")
        if view.identity != "anonymous" and proof.level == "anonymous":
            return LookUpResult("identity_needed")
        if "email" in view.inputs and email not in proof.proven:
            return LookUpResult("identity_needed")
        number = inputs.get("order_number", "")
        found = ORDERS.get((number, email or "ann@example.com"))
        return LookUpResult("found", found) if found else LookUpResult("not_found", f"No order {number}.")

    async def identity(self, conversation_id: str) -> IdentityView:
        proof = self.proof(conversation_id)
        return IdentityView(level=proof.level, email=proof.email, proven=tuple(proof.proven))

    async def send_email_code(self, conversation_id: str, *, key: str, address: str) -> CodeSent:
        proof = self.proof(conversation_id)
        if key not in proof.sent and proof.next_send == "sent":
            proof.sent[key] = address
            proof.tries, proof.is_expired = 0, False
        return CodeSent(state=proof.next_send)

    async def check_email_code(self, conversation_id: str, *, key: str, code: str) -> CodeChecked:
        proof = self.proof(conversation_id)
        if key not in proof.checked:
            proof.checked[key] = self._judge(proof, code)
        return CodeChecked(state=proof.checked[key])

    def _judge(self, proof: Proof, code: str) -> str:
        if proof.is_expired or not proof.sent:
            return "expired"
        if code == CODE:
            proof.level = "email"
            proof.proven.append(list(proof.sent.values())[-1])
            return "right"
        proof.tries += 1
        return "wrong" if proof.tries < 3 else "locked"
