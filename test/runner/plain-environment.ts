import vm from 'node:vm'
import { TestEnvironment } from 'jest-environment-node'

/** The arguments that jest gives to an environment. */
type Parameters = ConstructorParameters<typeof TestEnvironment>

/**
 * Jest's environment for Node, with an ordinary global object. In the original each use of a global name, such as `Math` or `Map`, asks a proxy,
 * so that a test that computes needs up to half as much processor time again.
 */
export default class PlainEnvironment extends TestEnvironment {
  constructor(...parameters: Parameters) {
    const { createContext } = vm
    // The original has no option for this. Its constructor calls createContext once, and is synchronous.
    Object.assign(vm, { createContext: () => createContext(vm.constants.DONT_CONTEXTIFY) })
    try {
      super(...parameters)
    } finally {
      Object.assign(vm, { createContext })
    }
  }
}
