"""A look-up as the tests' admin declares it."""

import copy
from typing import Any

ORDERS: dict[str, Any] = {
    "name": "orders",
    "url_template": "https://shop.example/orders/{order_number}",
    "inputs": ["order_number"],
    "intent": "order_status",
    "phrases": {"en": ["track my parcel"], "zh": ["我的包裹到哪了"]},
    "fields": [
        {
            "name": "status",
            "path": "status",
            "type": "code",
            "words": {
                "packing": {"en": "is being packed", "zh": "正在打包"},
                "shipped": {"en": "is on its way", "zh": "已发货"},
            },
        },
        {"name": "expected", "path": "shipment.expected_on", "type": "date"},
        {"name": "carrier", "path": "shipment.carrier", "type": "text"},
    ],
    "answer": {
        "en": "Your order {order_number} {status}. {carrier} brings it. It should reach you on {expected}.",
        "zh": "您的订单 {order_number} {status}。由{carrier}配送。预计{expected}送达。",
    },
    "not_found": {
        "en": "We find no order {order_number}.",
        "zh": "我们没有找到订单 {order_number}。",
    },
}


def orders(**more: Any) -> dict[str, Any]:
    """A look-up that may be declared as it is, with other fields where given."""
    return {**copy.deepcopy(ORDERS), **more}
