/** A share as a short bar with its value in words beside it. @param share - 0 to 1. */
export function LevelBar({ share, text }: { share: number; text: string }) {
  const width = `${Math.min(100, Math.max(0, share * 100))}%`
  return (
    <span className="level-bar">
      <i aria-hidden="true">
        <i style={{ width }} />
      </i>
      {text}
    </span>
  )
}
