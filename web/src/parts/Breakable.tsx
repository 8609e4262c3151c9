import { Fragment } from "react";

/** A long address breaks after its @ and dots before it breaks anywhere else. */
export function Breakable({ name }: { name: string }) {
  return name.split(/(?<=[@.])/).map((part, i) => <Fragment key={i}>{i > 0 && <wbr />}{part}</Fragment>);
}
