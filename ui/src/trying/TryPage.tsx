export function TryPage() {
  return <h1>Try it</h1>;
}
