import { useId, useState, type DragEvent, type ReactNode } from 'react'

interface FileDropProps {
  label: string
  hint: string
  /** What stands on the button. */
  choose: string
  accept?: string
  onFile: (file: File) => void
  children?: ReactNode
}

/** One file, chosen or dropped. */
export function FileDrop({ label, hint, choose, accept, onFile, children }: FileDropProps) {
  const [isOver, setOver] = useState(false)
  const id = useId()
  const drop = (event: DragEvent) => {
    event.preventDefault()
    // A listener on the whole page takes files for uploads.
    event.stopPropagation()
    setOver(false)
    const [file] = event.dataTransfer.files
    if (file !== undefined) onFile(file)
  }
  return (
    <div
      className="drop"
      data-over={isOver}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <label className="button" htmlFor={id}>
        {choose}
      </label>
      <input
        id={id}
        className="visually-hidden"
        type="file"
        aria-label={label}
        {...(accept === undefined ? {} : { accept })}
        onChange={({ target }) => {
          const file = target.files?.[0]
          if (file !== undefined) onFile(file)
          target.value = ''
        }}
      />
      <span className="quiet">{hint}</span>
      {children}
    </div>
  )
}
