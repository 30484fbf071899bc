// The mark: a speech bubble that has been dealt with.
export function Logo({ size }: { size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden focusable="false">
      <rect width="32" height="32" rx="8" fill="#14756a" />
      <path
        d="M8 10.5A2.5 2.5 0 0 1 10.500 8h11A2.500 2.500 0 0 1 24 10.500v7a2.500 2.500 0 0 1-2.500 2.500H15l-4.300 3.700c-.5.400-1.200.1-1.200-.6V20A2.500 2.500 0 0 1 8 17.500z"
        fill="#fff"
      />
      <path
        d="m12.500 14 2.500 2.500 4.700-4.700"
        fill="none"
        stroke="#14756a"
        strokeWidth="2.2"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  )
}
