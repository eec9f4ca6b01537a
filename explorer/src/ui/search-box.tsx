import { useEffect, useRef, type SubmitEvent } from 'react'
import { useLocation, useNavigate } from 'react-router'
import { useText } from '../i18n/text.tsx'

/** Searches the ledger; `/` puts the cursor here from anywhere on the page. */
export function SearchBox() {
  const { t } = useText()
  const navigate = useNavigate()
  const { pathname, search } = useLocation()
  const input = useRef<HTMLInputElement>(null)
  const asked = pathname === '/search' ? (new URLSearchParams(search).get('q') ?? '') : ''
  useEffect(() => {
    const focus = (event: KeyboardEvent) => {
      const isTyping =
        event.target instanceof HTMLElement && event.target.matches('input, select, textarea')
      if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return
      event.preventDefault()
      input.current?.focus()
    }
    document.addEventListener('keydown', focus)
    return () => document.removeEventListener('keydown', focus)
  }, [])
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const query = input.current?.value.trim() ?? ''
    if (query !== '') void navigate(`/search?${new URLSearchParams({ q: query }).toString()}`)
  }
  return (
    <form className="search" role="search" onSubmit={submit}>
      <input
        ref={input}
        key={asked}
        defaultValue={asked}
        type="search"
        maxLength={128}
        autoComplete="off"
        spellCheck={false}
        aria-label={t('search.label')}
        placeholder={t('search.placeholder')}
      />
      <button type="submit">{t('search.go')}</button>
    </form>
  )
}
