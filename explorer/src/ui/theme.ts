import { useEffect, useState } from 'react'
import { recall, remember } from './remembered.ts'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

/** Puts the reader's choice on the page; `system` leaves it to the browser. */
export function applyTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme
}

/** What the reader chose at an earlier visit. */
export function rememberedTheme(): Theme {
  return THEMES.find((theme) => theme === recall('theme')) ?? 'system'
}

export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(rememberedTheme)
  const choose = (chosen: Theme) => {
    remember('theme', chosen)
    applyTheme(chosen)
    setTheme(chosen)
  }
  return [theme, choose]
}

const CHART_COLOURS = {
  ink: '--ink-2',
  grid: '--line',
  mark: '--depth-1',
  fill: '--depth-4',
} as const
export type ChartColours = Record<keyof typeof CHART_COLOURS, string>

/** The page's colours as a canvas takes them: `light-dark()` resolves only where a real property uses it. */
function readColours(): ChartColours {
  const probe = document.createElement('i')
  probe.hidden = true
  document.body.append(probe)
  const read = (name: string) => {
    probe.style.color = `var(${name})`
    return getComputedStyle(probe).color
  }
  const { ink, grid, mark, fill } = CHART_COLOURS
  const colours = { ink: read(ink), grid: read(grid), mark: read(mark), fill: read(fill) }
  probe.remove()
  return colours
}

/** Colours for charts, read again when the page turns light or dark. */
export function useChartColours(): ChartColours {
  const [colours, setColours] = useState(readColours)
  useEffect(() => {
    const update = () => setColours(readColours())
    const system = matchMedia('(prefers-color-scheme: dark)')
    const choice = new MutationObserver(update)
    system.addEventListener('change', update)
    choice.observe(document.documentElement, { attributeFilter: ['data-theme'] })
    return () => {
      system.removeEventListener('change', update)
      choice.disconnect()
    }
  }, [])
  return colours
}
