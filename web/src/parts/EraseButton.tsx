import { Button } from "@mantine/core";

export function EraseButton({ label, onClick }: { label: string; onClick: () => void }) {
  return <Button color="red" variant="light" onClick={onClick}>{label}</Button>;
}
