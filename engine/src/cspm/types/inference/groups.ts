/**
 * Strongly connected components, callees first: declarations that use each other are typed together, and before those that use them.
 * R. Tarjan, Depth-first search and linear graph algorithms (1972); with its own stack, so that long chains of declarations are no danger.
 */
export function stronglyConnected<Node>(nodes: readonly Node[], successors: (node: Node) => Iterable<Node>): Node[][] {
  const index = new Map<Node, number>();
  const low = new Map<Node, number>();
  const open: Node[] = [];
  const isOpen = new Set<Node>();
  const known = new Set(nodes);
  const components: Node[][] = [];

  for (const root of nodes) {
    if (index.has(root)) continue;
    const path: { readonly node: Node; readonly rest: Iterator<Node> }[] = [];
    const visit = (node: Node): void => {
      index.set(node, index.size);
      low.set(node, index.get(node)!);
      open.push(node);
      isOpen.add(node);
      path.push({ node, rest: successors(node)[Symbol.iterator]() });
    };
    visit(root);
    while (path.length > 0) {
      const { node, rest } = path[path.length - 1]!;
      const next = rest.next();
      if (!next.done) {
        const target = next.value;
        if (!known.has(target)) continue;
        if (!index.has(target)) visit(target);
        else if (isOpen.has(target)) low.set(node, Math.min(low.get(node)!, index.get(target)!));
        continue;
      }
      path.pop();
      const parent = path[path.length - 1]?.node;
      if (parent !== undefined) low.set(parent, Math.min(low.get(parent)!, low.get(node)!));
      if (low.get(node) !== index.get(node)) continue;
      const component: Node[] = [];
      for (;;) {
        const member = open.pop()!;
        isOpen.delete(member);
        component.push(member);
        if (member === node) break;
      }
      components.push(component.reverse());
    }
  }
  return components;
}
