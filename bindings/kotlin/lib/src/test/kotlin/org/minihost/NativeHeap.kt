package org.minihost

import com.sun.jna.Function
import com.sun.jna.Structure
import com.sun.jna.Structure.FieldOrder

/** What glibc (2.33 or later) has given out and not got back: the core's objects lie there, and none of Java's. */
internal object NativeHeap {
    /** `struct mallinfo2` of malloc.h; each member is a `size_t`. */
    @FieldOrder("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")
    class Mallinfo :
        Structure(),
        Structure.ByValue {
        @JvmField var arena = 0L

        @JvmField var ordblks = 0L

        @JvmField var smblks = 0L

        @JvmField var hblks = 0L

        @JvmField var hblkhd = 0L

        @JvmField var usmblks = 0L

        @JvmField var fsmblks = 0L

        @JvmField var uordblks = 0L

        @JvmField var fordblks = 0L

        @JvmField var keepcost = 0L
    }

    private val mallinfo = Function.getFunction("c", "mallinfo2")

    fun kilobytes(): Int = (mallinfo.invoke(Mallinfo::class.java, emptyArray()) as Mallinfo).run { (uordblks + hblkhd) / 1024 }.toInt()
}
