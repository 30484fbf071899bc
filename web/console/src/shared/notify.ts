// Short messages at the edge of the screen.
import { notifications } from '@mantine/notifications'

const closeButtonProps = { 'aria-label': 'Close the message' }

export const notify = {
  done(title: string, message?: string) {
    notifications.show({ title, message: message ?? null, color: 'desk', autoClose: 4_000, closeButtonProps })
  },
  error(title: string, message: string) {
    notifications.show({ title, message, color: 'red', autoClose: 10_000, closeButtonProps })
  },
}
