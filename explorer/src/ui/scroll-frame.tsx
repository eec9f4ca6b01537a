import { useLayoutEffect, useRef, useState, type ReactNode } from 'react'
import { cutEdges, type CutEdges } from './cut-edges.ts'

/** Holds what may be wider than the page: it then scrolls, shows where it goes on, and keyboards reach it. */
export function ScrollFrame({ label, children }: { label: string; children: ReactNode }) {
  const frame = useRef<HTMLDivElement>(null)
  const [cut, setCut] = useState<CutEdges | null>(null)
  useLayoutEffect(() => {
    const box = frame.current
    if (box === null) return
    const look = () => setCut(cutEdges(box))
    // Also looks once at the start, before anything is drawn.
    const sizes = new ResizeObserver(look)
    sizes.observe(box)
    for (const child of box.children) sizes.observe(child)
    box.addEventListener('scroll', look, { passive: true })
    return () => {
      sizes.disconnect()
      box.removeEventListener('scroll', look)
    }
  }, [])
  const isCut = cut !== null && cut !== 'none'
  return (
    <div
      ref={frame}
      className="table-frame"
      data-cut={cut}
      {...(isCut ? { tabIndex: 0, role: 'group', 'aria-label': label } : {})}
    >
      {children}
    </div>
  )
}
