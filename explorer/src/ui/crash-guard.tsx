import { Component, type ReactNode } from 'react'

interface CrashGuardProps {
  fallback: ReactNode
  children: ReactNode
}

/** Keeps the frame standing when a page fails by an error of its own. */
export class CrashGuard extends Component<CrashGuardProps, { hasCrashed: boolean }> {
  override state = { hasCrashed: false }

  static getDerivedStateFromError(): { hasCrashed: boolean } {
    return { hasCrashed: true }
  }

  override render(): ReactNode {
    return this.state.hasCrashed ? this.props.fallback : this.props.children
  }
}
