"""`GET /api/files/{id}`: for the visitor whose conversation it is in, and for staff who may read it."""

from fastapi import APIRouter, Request, Response

from accounts.access import Staff, session_token, staff_by_token
from chat import files
from chat.access import bearer, visitor_by_token
from server.db import Reading
from server.errors import NotFound, Unauthorized

router = APIRouter(prefix="/api/files", tags=["files"])


@router.get("/{file_id}", response_class=Response)
async def get_file(request: Request, session: Reading, file_id: str) -> Response:
    token, cookie = bearer(request), session_token(request)
    if token:
        found = await visitor_by_token(session, token)
        if found is None:
            raise Unauthorized("This chat session is not known or has ended.")
        file, content = await files.for_visitor(session, found[0], file_id)
    else:
        staff: Staff | None = await staff_by_token(session, cookie) if cookie else None
        if staff is None:
            raise Unauthorized
        if not staff.may("conversations.read"):
            raise NotFound
        file, content = await files.for_staff(session, file_id)
    return Response(content, media_type=file.mime, headers=files.attachment_headers(file))
