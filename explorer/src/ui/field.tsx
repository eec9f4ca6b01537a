import type { ReactNode } from 'react'

/** A control under its name. */
export function Field({
  label,
  size,
  children,
}: {
  label: string
  size?: 'wide' | 'short'
  children: ReactNode
}) {
  return (
    <label className={size === undefined ? 'field' : `field ${size}`}>
      {label}
      {children}
    </label>
  )
}
