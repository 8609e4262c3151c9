// One short line that something was done. Read out politely; never the only sign of a failure.
import { notifications } from "@mantine/notifications";

export function toast(message: string) {
  notifications.show({ message, color: "reeve", autoClose: 4000, withBorder: true });
}
