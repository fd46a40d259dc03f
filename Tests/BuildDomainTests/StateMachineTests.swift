import BuildDomain
import Testing

/// Each machine against a table of its own, written down a second time: every pair that is not in it is refused.
@Suite struct StateMachineTests {
    @Test func aBuildMovesOnlyAlongItsTable() {
        check(
            BuildStatus.self,
            [
                "pending started": "running", "pending canceled": "canceled", "running succeeded": "success",
                "running failed": "failed", "running canceled": "canceled", "pending failed": "failed",
                "success rerun": "pending", "failed rerun": "pending", "canceled rerun": "pending",
            ])
    }

    @Test func aJobMovesOnlyAlongItsTable() {
        check(
            JobStatus.self,
            [
                "waiting needs_met": "pending", "waiting needs_failed": "skipped", "waiting canceled": "canceled",
                "pending claimed": "running", "pending canceled": "canceled", "running succeeded": "success",
                "running failed": "failed", "running retried": "pending", "running canceled": "canceled",
                "pending expired": "failed", "success rerun": "pending", "failed rerun": "pending",
                "canceled rerun": "pending", "skipped rerun": "pending", "success rerun_after_needs": "waiting",
                "failed rerun_after_needs": "waiting", "canceled rerun_after_needs": "waiting",
                "skipped rerun_after_needs": "waiting",
            ])
    }

    @Test func anAttemptMovesOnlyAlongItsTable() {
        check(
            AttemptStatus.self,
            [
                "running succeeded": "success", "running failed": "failed", "running lost": "failed",
                "running canceled": "canceled",
            ])
    }

    @Test func whatHasEndedStaysAsItIs() {
        #expect(BuildStatus.allCases.filter(\.isTerminal) == [.success, .failed, .canceled])
        #expect(JobStatus.allCases.filter(\.isTerminal) == [.success, .failed, .canceled, .skipped])
        #expect(AttemptStatus.allCases.filter(\.isTerminal) == [.success, .failed, .canceled])
    }

    private func check<Machine: StateMachine>(_: Machine.Type, _ table: [String: String]) {
        for from in Machine.allCases {
            for event in Machine.Event.allCases {
                let expected = table["\(from.rawValue) \(event.rawValue)"].flatMap { Machine(rawValue: $0) }
                #expect(from.next(after: event) == expected, "\(from) after \(event)")
                var moved = from
                if let expected {
                    #expect(throws: Never.self) { try moved.apply(event) }
                    #expect(moved == expected)
                } else {
                    let refusal = Refusal.illegalTransition(
                        of: "\(Machine.self)", from: from.rawValue, event: event.rawValue)
                    #expect(throws: refusal) { try moved.apply(event) }
                    #expect(moved == from)
                }
            }
        }
        #expect(Machine.transitions.count == table.count)
    }
}
